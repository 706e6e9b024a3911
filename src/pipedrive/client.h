#pragma once

// What the connector asks of Pipedrive, whichever API version answers. One object serves one
// credential. Blocks; any thread. Errors carry a Reaction (base/status.h) and name the operation
// and what to mend; an answer that cannot be read is UNAVAILABLE with Reaction::kRetry.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/secret.h"
#include "http/caller.h"
#include "model/activity.h"
#include "model/deal.h"
#include "model/lead.h"
#include "model/money.h"
#include "model/organization.h"
#include "model/person.h"
#include "model/schema.h"
#include "model/search.h"

namespace connector::pipedrive {

// Which optional parts of a record are wanted. API v2 answers with every custom field of the
// account (about 4 kB a person) unless at least one key is named.
struct Selection {
  bool deal_counts = false;              // won, lost, open and closed
  bool marketing_status = false;         // only where the account has it
  std::vector<std::string> custom_keys;  // custom fields to ask for; a record has no others
  // Named when no custom field is wanted, so that not all come; any existing key will do.
  std::string placeholder_key;
  // Field types ("enum", "set", "user", ...) by key, as far as known. An answer does not say them,
  // so without its type an option id of an enum looks like a number (v2) or a text (v1).
  std::map<std::string, std::string> custom_types;
};

// What API v2 is to add to a person: a value of include_fields, "" for nothing.
std::string IncludedFields(const Selection& selection);

struct PersonsQuery {
  Selection selection;
  std::optional<Time> updated_since;  // inclusive; rounded down to whole seconds
  std::optional<int64_t> filter_id;   // the API ignores everything else beside it
  std::vector<int64_t> ids;           // at most 100; the missing are silently left out
};

struct OrganizationsQuery {
  Selection selection;
  std::optional<Time> updated_since;
  std::optional<int64_t> filter_id;  // the API ignores everything else beside it
  std::vector<int64_t> ids;          // at most 100
};

// Deals by the lists the API gives. Changes of archived ones (updated_since) tell deletions, too.
enum class DealSet {
  kCurrent,   // open, won and lost
  kArchived,  // put away; open, won or lost all the same
  kDeleted,   // within the last 30 days, without having been archived
};

struct DealsQuery {
  DealSet set = DealSet::kCurrent;
  std::optional<Time> updated_since;  // inclusive; rounded down to whole seconds
  std::optional<int64_t> filter_id;   // the API ignores everything else beside it
  std::vector<int64_t> ids;           // at most 100; the missing are silently left out
};

// Deleted ones are in no list.
struct ActivitiesQuery {
  std::optional<Time> updated_since;  // inclusive; rounded down to whole seconds
  std::optional<int64_t> filter_id;   // the API ignores everything else beside it
  std::vector<int64_t> ids;           // at most 100; the missing are silently left out
};

// Leads by the lists the API gives; deleted ones, and those that became deals, are in neither.
struct LeadsQuery {
  bool archived = false;
  std::optional<Time> updated_since;  // inclusive
  std::optional<int64_t> filter_id;
};

// A record of a page that could not be read; the others were.
struct MalformedRecord {
  std::string id;  // as far as it could be read
  std::string problem;
};

template <typename Record>
struct Page {
  std::vector<Record> records;
  std::vector<MalformedRecord> malformed;
  std::string next_cursor;          // "" at the end
  std::optional<Time> server_time;  // from the Date header: what a watermark is made of
};

class Client {
 public:
  virtual ~Client() = default;

  // 500 a page; `cursor` "" for the first. A cursor the API no longer takes is OUT_OF_RANGE.
  virtual absl::StatusOr<Page<Person>> ListPersons(const PersonsQuery& query,
                                                   const std::string& cursor,
                                                   const http::CallContext& context) = 0;
  virtual absl::StatusOr<Page<Organization>> ListOrganizations(
      const OrganizationsQuery& query, const std::string& cursor,
      const http::CallContext& context) = 0;
  // Without custom fields, which nothing reads.
  virtual absl::StatusOr<Page<Deal>> ListDeals(const DealsQuery& query, const std::string& cursor,
                                               const http::CallContext& context) = 0;
  // Archived and deleted ones too; NOT_FOUND if there never was such a deal or it is gone for good.
  virtual absl::StatusOr<Deal> GetDeal(int64_t id, const http::CallContext& context) = 0;
  virtual absl::StatusOr<Page<Activity>> ListActivities(const ActivitiesQuery& query,
                                                        const std::string& cursor,
                                                        const http::CallContext& context) = 0;
  // API v1, which alone has leads. Without custom fields, which nothing reads.
  virtual absl::StatusOr<Page<Lead>> ListLeads(const LeadsQuery& query, const std::string& cursor,
                                               const http::CallContext& context) = 0;
  // Archived ones too; NOT_FOUND if it is deleted, became a deal or never was.
  virtual absl::StatusOr<Lead> GetLead(const std::string& id, const http::CallContext& context) = 0;
  virtual absl::StatusOr<std::vector<FieldOption>> ListLeadLabels(
      const http::CallContext& context) = 0;
  // All pages, without deleted ones.
  virtual absl::StatusOr<std::vector<Pipeline>> ListPipelines(const http::CallContext& context) = 0;
  virtual absl::StatusOr<std::vector<Stage>> ListStages(const http::CallContext& context) = 0;
  virtual absl::StatusOr<std::vector<Currency>> ListCurrencies(
      const http::CallContext& context) = 0;
  // All pages.
  virtual absl::StatusOr<std::vector<PipedriveField>> ListPersonFields(
      const http::CallContext& context) = 0;
  virtual absl::StatusOr<std::vector<PipedriveField>> ListOrganizationFields(
      const http::CallContext& context) = 0;
  // One page of a search. INVALID_ARGUMENT naming the field for a query Pipedrive would refuse,
  // OUT_OF_RANGE for a cursor it does not take.
  virtual absl::StatusOr<SearchPage> Search(const SearchQuery& query,
                                            const http::CallContext& context) = 0;
  // The company and user of the credential.
  virtual absl::StatusOr<PipedriveAccount> GetAccount(const http::CallContext& context) = 0;
};

enum class ApiVersion { kV1, kV2 };

struct Options {
  // Both empty with a caller that adds origin and credential: http::AuthorizingCaller.
  std::string base_url;  // origin: "https://acme.pipedrive.com"
  Secret api_token;
  ApiVersion version = ApiVersion::kV2;
};

// `caller` must outlive the client.
std::unique_ptr<Client> MakeClient(Options options, http::Caller& caller);

}  // namespace connector::pipedrive
