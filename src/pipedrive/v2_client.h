#pragma once

#include "pipedrive/client.h"
#include "pipedrive/endpoint.h"

namespace connector::pipedrive {

// API v2: cursors, and only what is asked for. Walks are sorted by id, so that records added or
// changed meanwhile move nothing.
class V2Client : public Client {
 public:
  V2Client(Options options, http::Caller& caller) : endpoint_(std::move(options), caller) {}

  absl::StatusOr<Page<Person>> ListPersons(const PersonsQuery& query, const std::string& cursor,
                                           const http::CallContext& context) override;
  absl::StatusOr<Page<Organization>> ListOrganizations(const OrganizationsQuery& query,
                                                       const std::string& cursor,
                                                       const http::CallContext& context) override;
  absl::StatusOr<Page<Deal>> ListDeals(const DealsQuery& query, const std::string& cursor,
                                       const http::CallContext& context) override;
  absl::StatusOr<Deal> GetDeal(int64_t id, const http::CallContext& context) override;
  absl::StatusOr<Page<Activity>> ListActivities(const ActivitiesQuery& query,
                                                const std::string& cursor,
                                                const http::CallContext& context) override;
  absl::StatusOr<Page<Lead>> ListLeads(const LeadsQuery& query, const std::string& cursor,
                                       const http::CallContext& context) override;
  absl::StatusOr<Lead> GetLead(const std::string& id, const http::CallContext& context) override;
  absl::StatusOr<std::vector<FieldOption>> ListLeadLabels(
      const http::CallContext& context) override;
  absl::StatusOr<std::vector<Pipeline>> ListPipelines(const http::CallContext& context) override;
  absl::StatusOr<std::vector<Stage>> ListStages(const http::CallContext& context) override;
  absl::StatusOr<std::vector<Currency>> ListCurrencies(const http::CallContext& context) override;
  absl::StatusOr<std::vector<PipedriveField>> ListPersonFields(
      const http::CallContext& context) override;
  absl::StatusOr<std::vector<PipedriveField>> ListOrganizationFields(
      const http::CallContext& context) override;
  absl::StatusOr<SearchPage> Search(const SearchQuery& query,
                                    const http::CallContext& context) override;
  absl::StatusOr<PipedriveAccount> GetAccount(const http::CallContext& context) override;

 private:
  absl::StatusOr<std::vector<PipedriveField>> ListFields(const quota::Operation& operation,
                                                         std::string_view path,
                                                         const http::CallContext& context) const;

  const Endpoint endpoint_;
};

}  // namespace connector::pipedrive
