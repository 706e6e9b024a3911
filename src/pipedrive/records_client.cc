#include "pipedrive/records_client.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "pipedrive/endpoint.h"
#include "pipedrive/errors.h"
#include "pipedrive/field_decoder.h"
#include "pipedrive/operations.h"

namespace connector::pipedrive {
namespace {

struct KindCalls {
  std::string_view path;
  const quota::Operation& list;
  const quota::Operation& list_archived;
  const quota::Operation& get;
  const quota::Operation& create;
  const quota::Operation& update;
  const quota::Operation& remove;
  std::string_view fields_path;
  const quota::Operation& fields;
};

// In the order of RecordKind.
const std::array<KindCalls, 5> kCalls = {
    KindCalls{"/api/v2/persons", kListPersons, kListPersons, kGetPerson, kCreatePerson,
              kUpdatePerson, kDeletePerson, "/api/v2/personFields", kListPersonFields},
    KindCalls{"/api/v2/deals", kListDeals, kListArchivedDeals, kGetDeal, kCreateDeal, kUpdateDeal,
              kDeleteDeal, "/api/v2/dealFields", kListDealFields},
    KindCalls{"/api/v2/organizations", kListOrganizations, kListOrganizations, kGetOrganization,
              kCreateOrganization, kUpdateOrganization, kDeleteOrganization,
              "/api/v2/organizationFields", kListOrganizationFields},
    KindCalls{"/api/v2/activities", kListActivities, kListActivities, kGetActivity, kCreateActivity,
              kUpdateActivity, kDeleteActivity, "/api/v2/activityFields", kListActivityFields},
    KindCalls{"/api/v1/leads", kListLeads, kListArchivedLeads, kGetLead, kCreateLead, kUpdateLead,
              kDeleteLead, "/api/v1/leadFields", kListLeadFields}};

const KindCalls& CallsOf(RecordKind kind) { return kCalls.at(static_cast<size_t>(kind)); }

// Pages of API v1 are told apart by offsets.
absl::StatusOr<int64_t> StartOf(const std::string& cursor) {
  int64_t start = 0;
  if (cursor.empty() || (absl::SimpleAtoi(cursor, &start) && start >= 0)) return start;
  return WithReaction(absl::OutOfRangeError("the cursor is not an offset of API v1"),
                      Reaction::kFailRecord);
}

RecordPage OffsetPage(RecordRows rows, int64_t start, int page_size) {
  RecordPage page;
  page.records = std::move(rows.records);
  if (rows.end.more) {
    const int64_t next = rows.end.next_start.value_or(start + page_size);
    page.next_cursor = std::to_string(std::max(next, start + 1));
  }
  return page;
}

// Where a refusal names a member of the record, it is the field.
absl::Status NamingMember(absl::Status status, const Record& record) {
  if (!absl::IsInvalidArgument(status) || !FieldOf(status).empty()) return status;
  const std::string_view text = ToStd(status.message());
  for (const auto& [name, value] : record.members) {
    if (text.find(name) != std::string_view::npos) return WithField(std::move(status), name);
  }
  return status;
}

class HttpRecordsClient : public RecordsClient {
 public:
  HttpRecordsClient(Options options, http::Caller& caller)
      : bulk_(options.version == ApiVersion::kV1), endpoint_(std::move(options), caller) {}

  absl::StatusOr<RecordPage> ListRecords(const RecordsQuery& query, const FieldTypes& types,
                                         const http::CallContext& context) override {
    const KindCalls& calls = CallsOf(query.kind);
    const bool v1 = query.kind == RecordKind::kLead;
    http::Url url = endpoint_.At(query.archived ? absl::StrCat(ToAbsl(calls.path), "/archived")
                                                : std::string(calls.path));
    url.Query("limit", query.page_size);
    int64_t start = 0;
    if (v1) {
      CONNECTOR_ASSIGN_OR_RETURN(start, StartOf(query.cursor));
      url.Query("start", start);
    } else if (!query.cursor.empty()) {
      url.Query("cursor", query.cursor);
    }
    for (const auto& [name, value] : query.filters) url.Query(name, value);
    const WantedFields wanted = WantedFields::All(types);
    CONNECTOR_ASSIGN_OR_RETURN(
        RecordRows rows,
        endpoint_.GetDecoded<RecordRows>(query.archived ? calls.list_archived : calls.list, url,
                                         context, [&](const http::Response& response) {
                                           return DecodeRecords(query.kind, response.body, wanted);
                                         }));
    if (v1) return OffsetPage(std::move(rows), start, query.page_size);
    return RecordPage{std::move(rows.records), std::move(rows.end.next_cursor)};
  }

  absl::StatusOr<Record> GetRecord(RecordKind kind, const std::string& id, const FieldTypes& types,
                                   const http::CallContext& context) override {
    return Ask({CallsOf(kind).get, http::Method::kGet, At(kind, id), {}}, kind, types, context);
  }

  absl::StatusOr<Record> CreateRecord(const Record& record, const FieldTypes& types,
                                      const http::CallContext& context) override {
    const std::string body = EncodeRecord(record, types);
    const KindCalls& calls = CallsOf(record.kind);
    auto created = Ask({calls.create, http::Method::kPost, endpoint_.At(calls.path), body},
                       record.kind, types, context);
    if (!created.ok()) return NamingMember(created.status(), record);
    return created;
  }

  absl::StatusOr<Record> UpdateRecord(const std::string& id, const Record& record,
                                      const FieldTypes& types,
                                      const http::CallContext& context) override {
    const std::string body = EncodeRecord(record, types);
    auto updated =
        Ask({CallsOf(record.kind).update, http::Method::kPatch, At(record.kind, id), body},
            record.kind, types, context);
    if (!updated.ok()) return NamingMember(updated.status(), record);
    return updated;
  }

  absl::Status DeleteRecord(RecordKind kind, const std::string& id,
                            const http::CallContext& context) override {
    return endpoint_.Send({CallsOf(kind).remove, http::Method::kDelete, At(kind, id), {}}, context,
                          [](const http::Response&) { return absl::OkStatus(); });
  }

  bool deletes_in_bulk() const override { return bulk_; }

  absl::StatusOr<std::vector<int64_t>> BulkDelete(RecordKind kind, const std::vector<int64_t>& ids,
                                                  const http::CallContext& context) override {
    CONNECTOR_ASSIGN_OR_RETURN(const std::string joined, JoinIds(ids));
    http::Url url = endpoint_.At(absl::StrCat(
        "/api/v1/", ToAbsl(CallsOf(kind).path.substr(std::string_view("/api/v2/").size()))));
    url.Query("ids", joined);
    std::vector<int64_t> deleted;
    CONNECTOR_RETURN_IF_ERROR(
        endpoint_.Send({kBulkDelete, http::Method::kDelete, url, {}}, context,
                       [&deleted](const http::Response& response) -> absl::Status {
                         http::JsonText json;
                         if (!json.Parse(response.body)) return Unreadable("it is not whole JSON");
                         deleted = RecordReader(json.root()["data"]).Ids("id");
                         return absl::OkStatus();
                       }));
    return deleted;
  }

  absl::StatusOr<std::vector<PipedriveField>> ListRecordFields(
      RecordKind kind, const http::CallContext& context) override {
    const KindCalls& calls = CallsOf(kind);
    const bool v1 = kind == RecordKind::kLead;
    std::vector<PipedriveField> fields;
    PageEnd end;
    int64_t start = 0;
    for (int pages = 0; pages < kMaxFieldPages; ++pages) {
      http::Url url = endpoint_.At(calls.fields_path);
      url.Query("limit", kPageSize);
      if (v1) url.Query("start", start);
      if (!end.next_cursor.empty()) url.Query("cursor", end.next_cursor);
      CONNECTOR_ASSIGN_OR_RETURN(
          FieldPage page, endpoint_.GetDecoded<FieldPage>(
                              calls.fields, url, context, [v1](const http::Response& response) {
                                return v1 ? DecodeFieldsV1(response.body)
                                          : DecodeFieldsV2(response.body);
                              }));
      std::move(page.fields.begin(), page.fields.end(), std::back_inserter(fields));
      end = std::move(page.end);
      if (v1 ? !end.more : end.next_cursor.empty()) return fields;
      start = std::max(end.next_start.value_or(start + kPageSize), start + 1);
    }
    return Unreadable("the list of fields never ends");
  }

  absl::StatusOr<RecordPage> ListRecents(const RecentsQuery& query,
                                         const std::map<RecordKind, FieldTypes>& types,
                                         const http::CallContext& context) override {
    CONNECTOR_ASSIGN_OR_RETURN(const int64_t start, StartOf(query.cursor));
    // "2026-11-24 08:15:30"
    std::string since = FormatSeconds(query.since);
    since.back() = ' ';
    since[since.find('T')] = ' ';
    std::vector<std::string> items;
    for (const RecordKind kind : query.kinds) items.emplace_back(RecordKindName(kind));
    http::Url url = endpoint_.At("/api/v1/recents");
    url.Query("since_timestamp", Trim(since)).Query("items", absl::StrJoin(items, ","));
    url.Query("start", start).Query("limit", query.page_size);
    CONNECTOR_ASSIGN_OR_RETURN(
        RecordRows rows, endpoint_.GetDecoded<RecordRows>(
                             kListRecents, url, context, [&types](const http::Response& response) {
                               return DecodeRecents(response.body, types);
                             }));
    return OffsetPage(std::move(rows), start, query.page_size);
  }

 private:
  http::Url At(RecordKind kind, const std::string& id) const {
    http::Url url = endpoint_.At(CallsOf(kind).path);
    url.Segment(id);
    return url;
  }

  absl::StatusOr<Record> Ask(const Endpoint::Exchange& exchange, RecordKind kind,
                             const FieldTypes& types, const http::CallContext& context) const {
    const WantedFields wanted = WantedFields::All(types);
    absl::StatusOr<Record> record = absl::InternalError("the answer was not judged");
    CONNECTOR_RETURN_IF_ERROR(
        endpoint_.Send(exchange, context, [&](const http::Response& response) {
          record = DecodeOneRecord(kind, response.body, wanted);
          return record.status();
        }));
    return record;
  }

  const bool bulk_;
  const Endpoint endpoint_;
};

}  // namespace

std::unique_ptr<RecordsClient> MakeRecordsClient(Options options, http::Caller& caller) {
  return std::make_unique<HttpRecordsClient>(std::move(options), caller);
}

}  // namespace connector::pipedrive
