#include "pipedrive/lead_calls.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "base/time_format.h"
#include "http/answer.h"
#include "pipedrive/errors.h"
#include "pipedrive/lead_decoder.h"
#include "pipedrive/operations.h"

namespace connector::pipedrive {
namespace {

absl::StatusOr<Page<Lead>> DecodeLeads(const http::Response& response, const LeadsQuery& query,
                                       int64_t start) {
  const WantedFields none{Selection{}};
  CONNECTOR_ASSIGN_OR_RETURN(auto decoded, DecodePage<Lead>(response.body, NullList::kIsEmpty,
                                                            [&none](RecordReader& reader) {
                                                              return DecodeLead(reader, none);
                                                            }));
  Page<Lead> page = std::move(decoded.page);
  page.server_time = http::ServerTime(response);
  if (query.updated_since) {
    const Time since = std::chrono::floor<std::chrono::seconds>(*query.updated_since);
    std::erase_if(page.records, [since](const Lead& lead) {
      return lead.update_time && *lead.update_time < since;
    });
  }
  for (Lead& lead : page.records) lead.is_archived |= query.archived;
  if (decoded.end.more) {
    page.next_cursor =
        std::to_string(std::max(decoded.end.next_start.value_or(start + kPageSize), start + 1));
  }
  return page;
}

}  // namespace

absl::StatusOr<Page<Lead>> ReadLeads(const Endpoint& endpoint, const LeadsQuery& query,
                                     const std::string& cursor, const http::CallContext& context) {
  int64_t start = 0;
  if (!cursor.empty() && (!absl::SimpleAtoi(cursor, &start) || start < 0)) {
    return WithReaction(absl::OutOfRangeError("the cursor is not an offset of API v1"),
                        Reaction::kFailRecord);
  }
  http::Url url = endpoint.At(query.archived ? "/api/v1/leads/archived" : "/api/v1/leads");
  url.Query("start", start).Query("limit", kPageSize);
  if (query.filter_id) url.Query("filter_id", *query.filter_id);
  if (query.updated_since && !query.archived) {
    url.Query("updated_since", FormatSeconds(*query.updated_since));
  }
  // The description allows no direction, so nothing can be asked for newest first.
  url.Query("sort", "add_time");
  return endpoint.GetDecoded<Page<Lead>>(
      query.archived ? kListArchivedLeads : kListLeads, url, context,
      [&](const http::Response& response) { return DecodeLeads(response, query, start); });
}

absl::StatusOr<Lead> ReadLead(const Endpoint& endpoint, const std::string& id,
                              const http::CallContext& context) {
  return endpoint.GetDecoded<Lead>(kGetLead, endpoint.At("/api/v1/leads").Segment(id), context,
                                   [](const http::Response& response) -> absl::StatusOr<Lead> {
                                     http::JsonText json;
                                     if (!json.Parse(response.body))
                                       return Unreadable("it is not whole, valid JSON");
                                     RecordReader reader(json.root()["data"]);
                                     Lead lead = DecodeLead(reader, WantedFields{Selection{}});
                                     if (!reader.problem().empty())
                                       return Unreadable(reader.problem());
                                     return lead;
                                   });
}

absl::StatusOr<std::vector<FieldOption>> ReadLeadLabels(const Endpoint& endpoint,
                                                        const http::CallContext& context) {
  return endpoint.GetDecoded<std::vector<FieldOption>>(
      kListLeadLabels, endpoint.At("/api/v1/leadLabels"), context,
      [](const http::Response& response) -> absl::StatusOr<std::vector<FieldOption>> {
        std::vector<FieldOption> labels;
        PageEnd end;
        CONNECTOR_RETURN_IF_ERROR(WalkPage(response.body, NullList::kIsEmpty, end,
                                           [&labels](http::JsonValue value, std::string_view) {
                                             FieldOption label{
                                                 value["id"].ScalarText().value_or(""),
                                                 value["name"].ScalarText().value_or("")};
                                             if (!label.id.empty())
                                               labels.push_back(std::move(label));
                                           }));
        return labels;
      });
}

}  // namespace connector::pipedrive
