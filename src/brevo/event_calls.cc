// The calls of RestClient that concern events.

#include <algorithm>
#include <string>
#include <utility>

#include "base/status.h"
#include "base/time_format.h"
#include "brevo/errors.h"
#include "brevo/event_codec.h"
#include "brevo/operations.h"
#include "brevo/rest_client.h"

namespace connector::brevo {
namespace {

constexpr int64_t kEventsPerPage = 1000;
// Brevo names no limit; what a careful client dares.
constexpr size_t kMaxBatchEvents = 100;
constexpr size_t kMaxBatchBytes = 900'000;

// The events that one call takes: a status for each of those that can't be sent, OK for the others,
// whose bodies are in `bodies`.
std::vector<absl::Status> EncodeBatch(std::span<const Event> events,
                                      std::vector<std::string>& bodies) {
  std::vector<absl::Status> encoded;
  size_t bytes = 0;
  for (const Event& event : events) {
    if (bodies.size() == kMaxBatchEvents) break;
    auto body = EncodeEvent(event);
    if (body.ok() && !bodies.empty() && bytes + body->size() > kMaxBatchBytes) break;
    encoded.push_back(body.status());
    if (!body.ok()) continue;
    bytes += body->size() + 1;
    bodies.push_back(*std::move(body));
  }
  return encoded;
}

// False for a refusal of the call as a whole.
bool NamesRefused(const absl::StatusOr<std::vector<absl::Status>>& outcome) {
  return outcome.ok() && std::any_of(outcome->begin(), outcome->end(),
                                     [](const absl::Status& status) { return !status.ok(); });
}

}  // namespace

absl::Status RestClient::SendEvent(const Event& event, const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::string body, EncodeEvent(event));
  return Send({kSendEvent, http::Method::kPost, At("/v3/events"), body}, context,
              [](const http::Response&) { return absl::OkStatus(); });
}

absl::StatusOr<std::vector<absl::Status>> RestClient::SendEvents(std::span<const Event> events,
                                                                 const http::CallContext& context) {
  std::vector<std::string> bodies;
  std::vector<absl::Status> result = EncodeBatch(events, bodies);
  if (bodies.empty()) return result;
  const std::string body = EncodeEventBatch(bodies);
  std::vector<absl::Status> outcome;
  Exchange exchange{kSendEventBatch, http::Method::kPost, At("/v3/events/batch"), body};
  exchange.reads_refusal = true;
  CONNECTOR_RETURN_IF_ERROR(Send(exchange, context, [&](const http::Response& response) {
    auto decoded = DecodeBatchOutcome(response.body, bodies.size());
    if (response.status >= 300 && !NamesRefused(decoded)) {
      return Classify(kSendEventBatch, response);
    }
    if (!decoded.ok()) return decoded.status();
    outcome = *std::move(decoded);
    return absl::OkStatus();
  }));
  size_t next = 0;
  for (absl::Status& status : result) {
    if (status.ok()) status = std::move(outcome[next++]);
  }
  return result;
}

absl::StatusOr<EventPage> RestClient::ListEvents(const EventsQuery& query,
                                                 const http::CallContext& context) {
  http::Url url = At("/v3/events");
  url.Query("startDate", FormatTimestamp(query.from))
      .Query("endDate", FormatTimestamp(query.until));
  for (const std::string& name : query.names) url.Query("event_name", name);
  url.Query("limit", kEventsPerPage).Query("offset", query.offset);
  EventPage page;
  CONNECTOR_RETURN_IF_ERROR(Send({kListEvents, http::Method::kGet, url, {}}, context,
                                 [&page](const http::Response& response) -> absl::Status {
                                   CONNECTOR_ASSIGN_OR_RETURN(page, DecodeEvents(response.body));
                                   return absl::OkStatus();
                                 }));
  return page;
}

}  // namespace connector::brevo
