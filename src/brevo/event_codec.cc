#include "brevo/event_codec.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "brevo/contact_decoder.h"
#include "brevo/errors.h"
#include "brevo/json_members.h"
#include "http/answer.h"
#include "http/json.h"

namespace connector::brevo {
namespace {

using http::JsonValue;

constexpr size_t kMaxName = 255;
constexpr size_t kMaxProperties = 50'000;  // "50KB", read as the smaller of the two

absl::Status Refused(std::string_view what) {
  return WithReaction(
      absl::InvalidArgumentError(absl::StrCat("an event that Brevo would refuse: ", ToAbsl(what))),
      Reaction::kFailRecord);
}

bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= kMaxName &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '_' || c == '-'; });
}

absl::Status AppendProperties(Members& body, std::string_view name,
                              const std::vector<std::pair<std::string, Value>>& properties) {
  const bool empty = std::all_of(properties.begin(), properties.end(),
                                 [](const auto& entry) { return IsEmpty(entry.second); });
  if (empty) return absl::OkStatus();
  std::string& out = body.Name(name);
  const size_t begin = out.size();
  Members object(out);
  for (const auto& [key, value] : properties) {
    if (IsEmpty(value)) continue;
    if (!IsName(key)) {
      return Refused(absl::StrCat("property \"", ToAbsl(http::Excerpt(key)),
                                  "\" has other characters than letters, digits, - and _"));
    }
    AppendValue(object.Name(key), value);
  }
  object.Close();
  if (out.size() - begin > kMaxProperties) {
    return Refused(absl::StrCat(ToAbsl(name), " weigh more than 50 kB"));
  }
  return absl::OkStatus();
}

absl::Status AppendIdentifiers(Members& body, const Event& event) {
  if (event.contact_id <= 0 && event.email.empty() && event.ext_id.empty()) {
    return Refused("it names no contact");
  }
  Members identifiers(body.Name("identifiers"));
  if (event.contact_id > 0) identifiers.Number("contact_id", event.contact_id);
  if (!event.email.empty()) identifiers.Text("email_id", event.email);
  if (!event.ext_id.empty()) identifiers.Text("ext_id", event.ext_id);
  identifiers.Close();
  return absl::OkStatus();
}

SeenEvent ReadEvent(JsonValue value) {
  SeenEvent event;
  event.name = value["event_name"].ScalarText().value_or("");
  event.contact_id = value["contact_id"].Integer().value_or(0);
  if (const auto date = value["event_date"].Text()) event.occurred_at = ParseTime(*date);
  value["event_properties"].ForEachMember([&event](std::string_view name, JsonValue property) {
    Value read = DecodeValue(property);
    if (!IsEmpty(read)) event.event_properties.emplace_back(name, std::move(read));
  });
  std::sort(event.event_properties.begin(), event.event_properties.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return event;
}

// `eventIndex` is a list of positions in the documents; one number is taken too.
std::vector<size_t> FailedPositions(JsonValue index, size_t count) {
  std::vector<size_t> positions;
  const auto add = [&](JsonValue value) {
    const auto at = value.Integer();
    if (at && *at >= 0 && static_cast<size_t>(*at) < count) {
      positions.push_back(static_cast<size_t>(*at));
    }
  };
  add(index);
  index.ForEach(add);
  return positions;
}

absl::Status RefusedByBrevo(std::string_view message) {
  return WithReaction(absl::InvalidArgumentError(absl::StrCat("Brevo refused the event: ",
                                                              ToAbsl(http::Excerpt(message)))),
                      Reaction::kFailRecord);
}

}  // namespace

absl::StatusOr<std::string> EncodeEvent(const Event& event) {
  if (!IsName(event.name)) {
    return Refused(absl::StrCat("its name \"", ToAbsl(http::Excerpt(event.name)),
                                "\" has other characters than letters, digits, - and _"));
  }
  std::string out;
  Members body(out);
  body.Text("event_name", event.name);
  if (event.occurred_at) body.Text("event_date", FormatTimestamp(*event.occurred_at));
  CONNECTOR_RETURN_IF_ERROR(AppendIdentifiers(body, event));
  CONNECTOR_RETURN_IF_ERROR(AppendProperties(body, "contact_properties", event.contact_properties));
  CONNECTOR_RETURN_IF_ERROR(AppendProperties(body, "event_properties", event.event_properties));
  body.Close();
  return out;
}

std::string EncodeEventBatch(std::span<const std::string> events) {
  return absl::StrCat("{\"events\":[", absl::StrJoin(events.begin(), events.end(), ","), "]}");
}

absl::StatusOr<std::vector<absl::Status>> DecodeBatchOutcome(std::string_view body, size_t count) {
  std::vector<absl::Status> outcome(count, absl::OkStatus());
  if (body.empty()) return outcome;  // 204
  http::JsonText json;
  if (!json.Parse(body)) return Unreadable("it is not whole, valid JSON");
  const JsonValue root = json.root();
  std::string message;
  root["errors"].ForEach([&](JsonValue error) {
    message = error["message"].ScalarText().value_or("no reason given");
    for (const size_t at : FailedPositions(error["eventIndex"], count)) {
      outcome[at] = RefusedByBrevo(message);
    }
  });
  const auto named = std::count_if(outcome.begin(), outcome.end(),
                                   [](const absl::Status& status) { return !status.ok(); });
  const int64_t failed = root["failed_events"].Integer().value_or(message.empty() ? 0 : named);
  if (failed == static_cast<int64_t>(count)) {
    for (absl::Status& status : outcome) {
      if (status.ok()) status = RefusedByBrevo(message);
    }
    return outcome;
  }
  const bool unnamed = named != failed || (named == 0 && !message.empty());
  if (unnamed) return Unreadable("it does not tell which events were refused");
  return outcome;
}

absl::StatusOr<EventPage> DecodeEvents(std::string_view body) {
  http::JsonText json;
  if (!json.Parse(body)) return Unreadable("it is not whole, valid JSON");
  const JsonValue events = json.root()["events"];
  const auto count = json.root()["count"].Integer();
  if (!count || events.IsContainer() != (events.kind() == JsonValue::Kind::kArray)) {
    return Unreadable("it is no list of events");
  }
  EventPage page;
  page.total = *count;
  events.ForEach([&page](JsonValue value) { page.events.push_back(ReadEvent(value)); });
  return page;
}

}  // namespace connector::brevo
