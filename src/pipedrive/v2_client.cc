#include "pipedrive/v2_client.h"

#include "absl/strings/str_join.h"
#include "base/time_format.h"
#include "http/answer.h"
#include "pipedrive/activity_decoder.h"
#include "pipedrive/deal_decoder.h"
#include "pipedrive/errors.h"
#include "pipedrive/field_decoder.h"
#include "pipedrive/lead_calls.h"
#include "pipedrive/operations.h"
#include "pipedrive/organization_decoder.h"
#include "pipedrive/person_decoder_v2.h"
#include "pipedrive/sales_decoder.h"
#include "pipedrive/search.h"

namespace connector::pipedrive {
namespace {

// More keys than one call takes: an unfiltered page costs one call where several passes cost
// several, and the decoder keeps the wanted ones.
void AddCustomFields(http::Url& url, const Selection& selection) {
  if (selection.custom_keys.size() > kMaxCustomKeys) return;
  if (!selection.custom_keys.empty()) {
    url.Query("custom_fields", absl::StrJoin(selection.custom_keys, ","));
  } else if (!selection.placeholder_key.empty()) {
    url.Query("custom_fields", selection.placeholder_key);
  }
}

struct Walk {
  const std::vector<int64_t>& ids;
  std::optional<Time> updated_since;
  const std::string& cursor;
};

absl::Status AddWalk(http::Url& url, const Walk& walk) {
  url.Query("limit", kPageSize);
  if (walk.updated_since) url.Query("updated_since", FormatSeconds(*walk.updated_since));
  if (walk.ids.empty()) {
    url.Query("sort_by", "id").Query("sort_direction", "asc");
  } else {
    CONNECTOR_ASSIGN_OR_RETURN(const std::string ids, JoinIds(walk.ids));
    url.Query("ids", ids);
  }
  if (!walk.cursor.empty()) url.Query("cursor", walk.cursor);
  return absl::OkStatus();
}

template <typename Record>
using DecodeRows = absl::StatusOr<RowPage<Record>> (*)(std::string_view body);

template <typename Record>
absl::StatusOr<std::vector<Record>> ListRows(const Endpoint& endpoint,
                                             const quota::Operation& operation,
                                             std::string_view path, DecodeRows<Record> decode,
                                             const http::CallContext& context) {
  std::vector<Record> rows;
  std::string cursor;
  for (int pages = 0; pages < kMaxFieldPages; ++pages) {
    http::Url url = endpoint.At(path);
    url.Query("limit", kPageSize);
    if (!cursor.empty()) url.Query("cursor", cursor);
    CONNECTOR_ASSIGN_OR_RETURN(RowPage<Record> page, endpoint.GetDecoded<RowPage<Record>>(
                                                         operation, url, context,
                                                         [decode](const http::Response& response) {
                                                           return decode(response.body);
                                                         }));
    std::move(page.rows.begin(), page.rows.end(), std::back_inserter(rows));
    cursor = std::move(page.end.next_cursor);
    if (cursor.empty()) return rows;
  }
  return Unreadable("the list never ends");
}

}  // namespace

absl::StatusOr<Page<Person>> V2Client::ListPersons(const PersonsQuery& query,
                                                   const std::string& cursor,
                                                   const http::CallContext& context) {
  http::Url url = endpoint_.At("/api/v2/persons");
  CONNECTOR_RETURN_IF_ERROR(AddWalk(url, {query.ids, query.updated_since, cursor}));
  if (query.filter_id) url.Query("filter_id", *query.filter_id);
  if (const std::string included = IncludedFields(query.selection); !included.empty()) {
    url.Query("include_fields", included);
  }
  AddCustomFields(url, query.selection);
  return endpoint_.GetDecoded<Page<Person>>(
      kListPersons, url, context, [&query](const http::Response& response) {
        auto page = DecodePersonsV2(response.body, query.selection);
        if (page.ok()) page->server_time = http::ServerTime(response);
        return page;
      });
}

absl::StatusOr<Page<Organization>> V2Client::ListOrganizations(const OrganizationsQuery& query,
                                                               const std::string& cursor,
                                                               const http::CallContext& context) {
  http::Url url = endpoint_.At("/api/v2/organizations");
  CONNECTOR_RETURN_IF_ERROR(AddWalk(url, {query.ids, query.updated_since, cursor}));
  if (query.filter_id) url.Query("filter_id", *query.filter_id);
  AddCustomFields(url, query.selection);
  return endpoint_.GetDecoded<Page<Organization>>(
      kListOrganizations, url, context, [&query](const http::Response& response) {
        auto page = DecodeOrganizationsV2(response.body, query.selection);
        if (page.ok()) page->server_time = http::ServerTime(response);
        return page;
      });
}

absl::StatusOr<Page<Deal>> V2Client::ListDeals(const DealsQuery& query, const std::string& cursor,
                                               const http::CallContext& context) {
  const bool archived = query.set == DealSet::kArchived;
  http::Url url = endpoint_.At(archived ? "/api/v2/deals/archived" : "/api/v2/deals");
  CONNECTOR_RETURN_IF_ERROR(AddWalk(url, {query.ids, query.updated_since, cursor}));
  if (query.filter_id) url.Query("filter_id", *query.filter_id);
  if (query.set == DealSet::kDeleted) url.Query("status", "deleted");
  // Without a status both lists leave deleted deals out, and the other list has no archived ones.
  if (archived && query.updated_since) url.Query("status", "open,won,lost,deleted");
  return endpoint_.GetDecoded<Page<Deal>>(archived ? kListArchivedDeals : kListDeals, url, context,
                                          [archived](const http::Response& response) {
                                            auto page = DecodeDealsV2(response.body);
                                            if (!page.ok()) return page;
                                            page->server_time = http::ServerTime(response);
                                            for (Deal& deal : page->records)
                                              deal.is_archived |= archived;
                                            return page;
                                          });
}

absl::StatusOr<Deal> V2Client::GetDeal(int64_t id, const http::CallContext& context) {
  return endpoint_.GetDecoded<Deal>(
      kGetDeal, endpoint_.At("/api/v2/deals").Segment(id), context,
      [](const http::Response& response) { return DecodeOneDeal(response.body, DecodeDealV2); });
}

absl::StatusOr<std::vector<Pipeline>> V2Client::ListPipelines(const http::CallContext& context) {
  return ListRows<Pipeline>(endpoint_, kListPipelines, "/api/v2/pipelines", DecodePipelines,
                            context);
}

absl::StatusOr<std::vector<Stage>> V2Client::ListStages(const http::CallContext& context) {
  return ListRows<Stage>(endpoint_, kListStages, "/api/v2/stages", DecodeStages, context);
}

absl::StatusOr<std::vector<Currency>> V2Client::ListCurrencies(const http::CallContext& context) {
  return ReadCurrencies(endpoint_, context);
}

absl::StatusOr<std::vector<PipedriveField>> V2Client::ListFields(
    const quota::Operation& operation, std::string_view path,
    const http::CallContext& context) const {
  std::vector<PipedriveField> fields;
  std::string cursor;
  for (int pages = 0; pages < kMaxFieldPages; ++pages) {
    http::Url url = endpoint_.At(path);
    url.Query("limit", kPageSize);
    if (!cursor.empty()) url.Query("cursor", cursor);
    CONNECTOR_ASSIGN_OR_RETURN(
        FieldPage page, endpoint_.GetDecoded<FieldPage>(operation, url, context,
                                                        [](const http::Response& response) {
                                                          return DecodeFieldsV2(response.body);
                                                        }));
    std::move(page.fields.begin(), page.fields.end(), std::back_inserter(fields));
    cursor = std::move(page.end.next_cursor);
    if (cursor.empty()) return fields;
  }
  return Unreadable("the list of fields never ends");
}

absl::StatusOr<std::vector<PipedriveField>> V2Client::ListPersonFields(
    const http::CallContext& context) {
  return ListFields(kListPersonFields, "/api/v2/personFields", context);
}

absl::StatusOr<std::vector<PipedriveField>> V2Client::ListOrganizationFields(
    const http::CallContext& context) {
  return ListFields(kListOrganizationFields, "/api/v2/organizationFields", context);
}

absl::StatusOr<Page<Activity>> V2Client::ListActivities(const ActivitiesQuery& query,
                                                        const std::string& cursor,
                                                        const http::CallContext& context) {
  http::Url url = endpoint_.At("/api/v2/activities");
  CONNECTOR_RETURN_IF_ERROR(AddWalk(url, {query.ids, query.updated_since, cursor}));
  if (query.filter_id) url.Query("filter_id", *query.filter_id);
  return endpoint_.GetDecoded<Page<Activity>>(
      kListActivities, url, context,
      [](const http::Response& response) -> absl::StatusOr<Page<Activity>> {
        CONNECTOR_ASSIGN_OR_RETURN(auto decoded,
                                   DecodeActivities(response.body, NullList::kIsUnreadable));
        decoded.page.next_cursor = std::move(decoded.end.next_cursor);
        decoded.page.server_time = http::ServerTime(response);
        return std::move(decoded.page);
      });
}

absl::StatusOr<Page<Lead>> V2Client::ListLeads(const LeadsQuery& query, const std::string& cursor,
                                               const http::CallContext& context) {
  return ReadLeads(endpoint_, query, cursor, context);
}

absl::StatusOr<Lead> V2Client::GetLead(const std::string& id, const http::CallContext& context) {
  return ReadLead(endpoint_, id, context);
}

absl::StatusOr<std::vector<FieldOption>> V2Client::ListLeadLabels(
    const http::CallContext& context) {
  return ReadLeadLabels(endpoint_, context);
}

absl::StatusOr<SearchPage> V2Client::Search(const SearchQuery& query,
                                            const http::CallContext& context) {
  CONNECTOR_RETURN_IF_ERROR(CheckSearch(query));
  http::Url url = endpoint_.At("/api/v2/itemSearch");
  AddSearch(url, query);
  if (!query.cursor.empty()) url.Query("cursor", query.cursor);
  return endpoint_.GetDecoded<SearchPage>(
      kSearch, url, context, [](const http::Response& response) -> absl::StatusOr<SearchPage> {
        CONNECTOR_ASSIGN_OR_RETURN(DecodedSearch decoded,
                                   DecodeSearch(response.body, NullList::kIsUnreadable));
        decoded.page.next_cursor = std::move(decoded.end.next_cursor);
        return std::move(decoded.page);
      });
}

absl::StatusOr<PipedriveAccount> V2Client::GetAccount(const http::CallContext& context) {
  return endpoint_.GetDecoded<PipedriveAccount>(
      kGetCurrentUser, endpoint_.At("/api/v1/users/me"), context,
      [](const http::Response& response) { return DecodeAccount(response.body); });
}

}  // namespace connector::pipedrive
