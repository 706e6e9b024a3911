#include "pipedrive/v1_client.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "http/answer.h"
#include "pipedrive/activity_decoder.h"
#include "pipedrive/deal_decoder.h"
#include "pipedrive/errors.h"
#include "pipedrive/field_decoder.h"
#include "pipedrive/lead_calls.h"
#include "pipedrive/operations.h"
#include "pipedrive/organization_decoder.h"
#include "pipedrive/person_decoder_v1.h"
#include "pipedrive/sales_decoder.h"
#include "pipedrive/search.h"

namespace connector::pipedrive {
namespace {

// Begins the cursors of the deleted ones among archived deals.
constexpr std::string_view kDeletedPart = "deleted:";

absl::StatusOr<int64_t> StartOf(const std::string& cursor) {
  int64_t start = 0;
  if (cursor.empty()) return start;
  if (absl::SimpleAtoi(cursor, &start) && start >= 0) return start;
  return WithReaction(absl::OutOfRangeError("the cursor is not an offset of API v1"),
                      Reaction::kFailRecord);
}

int64_t NextStart(const PageEnd& end, int64_t start) {
  return std::max(end.next_start.value_or(start + kPageSize), start + 1);
}

void AddWalk(http::Url& url, int64_t start, bool newest_first) {
  url.Query("start", start).Query("limit", kPageSize);
  url.Query("sort", newest_first ? "update_time DESC" : "id ASC");
}

// Drops what is older than the walk goes back to; true if the walk is over. A page that is not
// newest first shows that the sorting was ignored: then there may be more behind an older record.
template <typename Record>
bool DropOlder(std::vector<Record>& records, std::optional<Time> since) {
  if (!since) return false;
  const Time whole_second = std::chrono::floor<std::chrono::seconds>(*since);
  const bool newest_first =
      std::is_sorted(records.begin(), records.end(), [](const Record& a, const Record& b) {
        return a.update_time && b.update_time && *a.update_time > *b.update_time;
      });
  const size_t dropped = std::erase_if(records, [&](const Record& record) {
    return record.update_time && *record.update_time < whole_second;
  });
  return dropped > 0 && newest_first;
}

template <typename Record>
Page<Record> FinishPage(DecodedPage<Record> decoded, int64_t start, std::optional<Time> since) {
  const bool over = DropOlder(decoded.page.records, since);
  if (decoded.end.more && !over) {
    decoded.page.next_cursor = std::to_string(NextStart(decoded.end, start));
  }
  return std::move(decoded.page);
}

// The answer to a GET of one record: {"success": true, "data": {...}}.
template <typename Record, typename Decode>
absl::Status ReadOne(const http::Response& response, Page<Record>& page, const Decode& decode) {
  http::JsonText json;
  if (!json.Parse(response.body)) return Unreadable("it is not whole, valid JSON");
  RecordReader reader(json.root()["data"]);
  if (reader.record().kind() != http::JsonValue::Kind::kObject) {
    return Unreadable("it has no record `data`");
  }
  Record record = decode(reader);
  if (reader.problem().empty()) {
    page.records.push_back(std::move(record));
  } else {
    page.malformed.push_back({reader.record()["id"].ScalarText().value_or(""), reader.problem()});
  }
  page.server_time = http::ServerTime(response);
  return absl::OkStatus();
}

struct OneByOne {
  const quota::Operation& operation;
  std::string_view path;
  const std::vector<int64_t>& ids;
};

template <typename Record, typename Decode>
absl::StatusOr<Page<Record>> GetEach(const Endpoint& endpoint, const OneByOne& what,
                                     const http::CallContext& context, const Decode& decode) {
  CONNECTOR_RETURN_IF_ERROR(JoinIds(what.ids).status());
  Page<Record> page;
  for (const int64_t id : what.ids) {
    const absl::Status status = endpoint.Get(
        what.operation, endpoint.At(what.path).Segment(id), context,
        [&](const http::Response& response) { return ReadOne<Record>(response, page, decode); });
    if (!status.ok() && !absl::IsNotFound(status)) return status;
  }
  return page;
}

DealSet SetOf(const Deal& deal) {
  if (deal.is_deleted()) return DealSet::kDeleted;
  return deal.is_archived ? DealSet::kArchived : DealSet::kCurrent;
}

}  // namespace

absl::StatusOr<Page<Person>> V1Client::ListPersons(const PersonsQuery& query,
                                                   const std::string& cursor,
                                                   const http::CallContext& context) {
  if (!query.ids.empty() && !query.filter_id) {
    const WantedFields wanted(query.selection);
    return GetEach<Person>(
        endpoint_, {kGetPersonV1, "/api/v1/persons", query.ids}, context,
        [&](RecordReader& reader) { return DecodePersonV1(reader, query.selection, wanted); });
  }
  CONNECTOR_ASSIGN_OR_RETURN(const int64_t start, StartOf(cursor));
  http::Url url = endpoint_.At("/api/v1/persons");
  AddWalk(url, start, query.updated_since.has_value());
  if (query.filter_id) url.Query("filter_id", *query.filter_id);
  return endpoint_.GetDecoded<Page<Person>>(
      kListPersonsV1, url, context,
      [&](const http::Response& response) -> absl::StatusOr<Page<Person>> {
        CONNECTOR_ASSIGN_OR_RETURN(auto decoded, DecodePersonsV1(response.body, query.selection));
        decoded.page.server_time = http::ServerTime(response);
        return FinishPage(std::move(decoded), start, query.updated_since);
      });
}

absl::StatusOr<Page<Organization>> V1Client::ListOrganizations(const OrganizationsQuery& query,
                                                               const std::string& cursor,
                                                               const http::CallContext& context) {
  if (!query.ids.empty() && !query.filter_id) {
    const WantedFields wanted(query.selection);
    return GetEach<Organization>(
        endpoint_, {kGetOrganizationV1, "/api/v1/organizations", query.ids}, context,
        [&](RecordReader& reader) { return DecodeOrganizationV1(reader, wanted); });
  }
  CONNECTOR_ASSIGN_OR_RETURN(const int64_t start, StartOf(cursor));
  http::Url url = endpoint_.At("/api/v1/organizations");
  AddWalk(url, start, query.updated_since.has_value());
  if (query.filter_id) url.Query("filter_id", *query.filter_id);
  return endpoint_.GetDecoded<Page<Organization>>(
      kListOrganizationsV1, url, context,
      [&](const http::Response& response) -> absl::StatusOr<Page<Organization>> {
        CONNECTOR_ASSIGN_OR_RETURN(auto decoded,
                                   DecodeOrganizationsV1(response.body, query.selection));
        decoded.page.server_time = http::ServerTime(response);
        return FinishPage(std::move(decoded), start, query.updated_since);
      });
}

absl::StatusOr<Page<Deal>> V1Client::ListDeals(const DealsQuery& query, const std::string& cursor,
                                               const http::CallContext& context) {
  if (!query.ids.empty() && !query.filter_id) {
    const WantedFields none{Selection{}};
    CONNECTOR_ASSIGN_OR_RETURN(
        auto page, GetEach<Deal>(endpoint_, {kGetDealV1, "/api/v1/deals", query.ids}, context,
                                 [&](RecordReader& r) { return DecodeDealV1(r, none); }));
    std::erase_if(page.records, [&](const Deal& deal) { return SetOf(deal) != query.set; });
    return page;
  }
  // The list of archived deals takes one status a call: the deleted ones follow upon the others.
  const bool archived = query.set == DealSet::kArchived;
  const bool deleted_follow = archived && query.updated_since && !cursor.starts_with(kDeletedPart);
  const bool deleted_part = archived && cursor.starts_with(kDeletedPart);
  const std::string part(deleted_part ? kDeletedPart : "");
  CONNECTOR_ASSIGN_OR_RETURN(const int64_t start, StartOf(cursor.substr(part.size())));
  http::Url url = endpoint_.At(archived ? "/api/v1/deals/archived" : "/api/v1/deals");
  AddWalk(url, start, query.updated_since.has_value());
  if (query.filter_id) url.Query("filter_id", *query.filter_id);
  if (query.set == DealSet::kDeleted || deleted_part) url.Query("status", "deleted");
  return endpoint_.GetDecoded<Page<Deal>>(
      archived ? kListArchivedDealsV1 : kListDealsV1, url, context,
      [&](const http::Response& response) -> absl::StatusOr<Page<Deal>> {
        CONNECTOR_ASSIGN_OR_RETURN(auto decoded, DecodeDealsV1(response.body));
        decoded.page.server_time = http::ServerTime(response);
        for (Deal& deal : decoded.page.records) deal.is_archived |= archived;
        auto page = FinishPage(std::move(decoded), start, query.updated_since);
        if (!page.next_cursor.empty()) {
          page.next_cursor.insert(0, part);
        } else if (deleted_follow) {
          page.next_cursor = kDeletedPart;
        }
        return page;
      });
}

absl::StatusOr<Deal> V1Client::GetDeal(int64_t id, const http::CallContext& context) {
  return endpoint_.GetDecoded<Deal>(
      kGetDealV1, endpoint_.At("/api/v1/deals").Segment(id), context,
      [](const http::Response& response) { return DecodeOneDeal(response.body, DecodeDealV1); });
}

// One page holds all: /v1/pipelines has no paging, and an account has far fewer than 500 stages.
absl::StatusOr<std::vector<Pipeline>> V1Client::ListPipelines(const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(auto page,
                             endpoint_.GetDecoded<RowPage<Pipeline>>(
                                 kListPipelinesV1, endpoint_.At("/api/v1/pipelines"), context,
                                 [](const http::Response& r) { return DecodePipelines(r.body); }));
  return std::move(page.rows);
}

absl::StatusOr<std::vector<Stage>> V1Client::ListStages(const http::CallContext& context) {
  http::Url url = endpoint_.At("/api/v1/stages");
  url.Query("limit", kPageSize);
  CONNECTOR_ASSIGN_OR_RETURN(auto page,
                             endpoint_.GetDecoded<RowPage<Stage>>(
                                 kListStagesV1, url, context,
                                 [](const http::Response& r) { return DecodeStages(r.body); }));
  return std::move(page.rows);
}

absl::StatusOr<std::vector<Currency>> V1Client::ListCurrencies(const http::CallContext& context) {
  return ReadCurrencies(endpoint_, context);
}

absl::StatusOr<std::vector<PipedriveField>> V1Client::ListFields(
    const quota::Operation& operation, std::string_view path,
    const http::CallContext& context) const {
  std::vector<PipedriveField> fields;
  int64_t start = 0;
  for (int pages = 0; pages < kMaxFieldPages; ++pages) {
    http::Url url = endpoint_.At(path);
    url.Query("start", start).Query("limit", kPageSize);
    CONNECTOR_ASSIGN_OR_RETURN(
        FieldPage page, endpoint_.GetDecoded<FieldPage>(operation, url, context,
                                                        [](const http::Response& response) {
                                                          return DecodeFieldsV1(response.body);
                                                        }));
    std::move(page.fields.begin(), page.fields.end(), std::back_inserter(fields));
    if (!page.end.more) return fields;
    start = NextStart(page.end, start);
  }
  return Unreadable("the list of fields never ends");
}

absl::StatusOr<std::vector<PipedriveField>> V1Client::ListPersonFields(
    const http::CallContext& context) {
  return ListFields(kListPersonFieldsV1, "/api/v1/personFields", context);
}

absl::StatusOr<std::vector<PipedriveField>> V1Client::ListOrganizationFields(
    const http::CallContext& context) {
  return ListFields(kListOrganizationFieldsV1, "/api/v1/organizationFields", context);
}

// The list takes neither a time nor an order, so that a walk since a time reads all of it; without
// `user_id` it would be the credential's own activities alone.
absl::StatusOr<Page<Activity>> V1Client::ListActivities(const ActivitiesQuery& query,
                                                        const std::string& cursor,
                                                        const http::CallContext& context) {
  if (!query.ids.empty() && !query.filter_id) {
    return GetEach<Activity>(endpoint_, {kGetActivityV1, "/api/v1/activities", query.ids}, context,
                             [](RecordReader& reader) { return DecodeActivity(reader); });
  }
  CONNECTOR_ASSIGN_OR_RETURN(const int64_t start, StartOf(cursor));
  http::Url url = endpoint_.At("/api/v1/activities");
  url.Query("user_id", 0).Query("start", start).Query("limit", kPageSize);
  if (query.filter_id) url.Query("filter_id", *query.filter_id);
  return endpoint_.GetDecoded<Page<Activity>>(
      kListActivitiesV1, url, context,
      [&](const http::Response& response) -> absl::StatusOr<Page<Activity>> {
        CONNECTOR_ASSIGN_OR_RETURN(auto decoded,
                                   DecodeActivities(response.body, NullList::kIsEmpty));
        decoded.page.server_time = http::ServerTime(response);
        DropOlder(decoded.page.records, query.updated_since);
        return FinishPage(std::move(decoded), start, std::nullopt);
      });
}

absl::StatusOr<Page<Lead>> V1Client::ListLeads(const LeadsQuery& query, const std::string& cursor,
                                               const http::CallContext& context) {
  return ReadLeads(endpoint_, query, cursor, context);
}

absl::StatusOr<Lead> V1Client::GetLead(const std::string& id, const http::CallContext& context) {
  return ReadLead(endpoint_, id, context);
}

absl::StatusOr<std::vector<FieldOption>> V1Client::ListLeadLabels(
    const http::CallContext& context) {
  return ReadLeadLabels(endpoint_, context);
}

absl::StatusOr<SearchPage> V1Client::Search(const SearchQuery& query,
                                            const http::CallContext& context) {
  CONNECTOR_RETURN_IF_ERROR(CheckSearch(query));
  CONNECTOR_ASSIGN_OR_RETURN(const int64_t start, StartOf(query.cursor));
  http::Url url = endpoint_.At("/api/v1/itemSearch");
  AddSearch(url, query);
  url.Query("start", start);
  return endpoint_.GetDecoded<SearchPage>(
      kSearchV1, url, context, [&](const http::Response& response) -> absl::StatusOr<SearchPage> {
        CONNECTOR_ASSIGN_OR_RETURN(DecodedSearch decoded,
                                   DecodeSearch(response.body, NullList::kIsEmpty));
        if (decoded.end.more) {
          const int64_t next = decoded.end.next_start.value_or(start + query.page_size);
          decoded.page.next_cursor = std::to_string(std::max(next, start + 1));
        }
        return std::move(decoded.page);
      });
}

absl::StatusOr<PipedriveAccount> V1Client::GetAccount(const http::CallContext& context) {
  return endpoint_.GetDecoded<PipedriveAccount>(
      kGetCurrentUser, endpoint_.At("/api/v1/users/me"), context,
      [](const http::Response& response) { return DecodeAccount(response.body); });
}

}  // namespace connector::pipedrive
