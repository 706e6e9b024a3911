#pragma once

#include "pipedrive/client.h"
#include "pipedrive/endpoint.h"

namespace connector::pipedrive {

// API v1, which Pipedrive no longer supports but still answers: pages by `start`, every field
// always, twice the tokens. A cursor is the offset of the next page. Two things v2 has are made up
// for:
//  * no `updated_since`: a walk since a time is sorted by update_time, newest first, and ends at
//  the
//    first older record. A record changed during the walk comes to the front and pushes others
//    back, which may show them twice but hides none; one deleted meanwhile may hide one until the
//    next walk;
//  * no `ids`: each is asked for by itself (2 tokens), and the missing are left out; for deals,
//  those
//    that are not in the set asked for are left out as well.
class V1Client : public Client {
 public:
  V1Client(Options options, http::Caller& caller) : endpoint_(std::move(options), caller) {}

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
