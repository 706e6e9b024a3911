// Brevo: /events. No idempotency: an equal event sent twice is there twice, and counted.
#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "brevo_json.h"
#include "replies.h"
#include "routes.h"
#include "text.h"

namespace sandbox {
namespace {

using nlohmann::json;

constexpr size_t kMaxProperties = 50'000;  // event_properties: 50 KB
constexpr size_t kMaxBatch = 200;          // not published; a cautious client stays below

bool IsName(const std::string& name) {
  return !name.empty() && name.size() <= 255 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-';
  });
}

std::string CheckIdentifiers(const json& event) {
  if (!event.contains("identifiers") || !event["identifiers"].is_object() ||
      event["identifiers"].empty()) {
    return "identifiers is missing";
  }
  const std::set<std::string> texts = {"email_id", "ext_id", "phone_id", "whatsapp_id",
                                       "landline_number_id"};
  for (const auto& [name, value] : event["identifiers"].items()) {
    if (name == "contact_id" ? !value.is_number_integer()
                             : texts.count(name) == 0 || !value.is_string()) {
      return "identifiers: " + name + " is not valid";
    }
  }
  return "";
}

std::string CheckEvent(const json& event) {
  const std::set<std::string> known = {"event_name",         "event_date",       "identifiers",
                                       "contact_properties", "event_properties", "object"};
  if (!event.is_object()) return "an event must be an object";
  for (const auto& [name, value] : event.items()) {
    if (known.count(name) == 0) return "Unknown parameter " + name;
  }
  if (!event.contains("event_name") || !event["event_name"].is_string() ||
      !IsName(event["event_name"].get<std::string>())) {
    return "event_name is not valid";
  }
  if (event.contains("event_date") &&
      (!event["event_date"].is_string() ||
       !ParseRfc3339Millis(event["event_date"].get<std::string>(), true))) {
    return "event_date is not valid";
  }
  const json properties = event.value("event_properties", json::object());
  if (!properties.is_object()) return "event_properties is not valid";
  if (properties.dump().size() > kMaxProperties) return "event_properties exceeds 50 KB";
  for (const auto& [name, value] : properties.items()) {
    if (!IsName(name)) return "event_properties: " + name + " is not a valid key";
  }
  const json contact = event.value("contact_properties", json::object());
  if (!contact.is_object()) return "contact_properties is not valid";
  for (const auto& [name, value] : contact.items()) {
    if (!value.is_string() && !value.is_number() && !value.is_boolean()) {
      return "contact_properties: " + name + " is not valid";
    }
  }
  return CheckIdentifiers(event);
}

BrevoContact* FindFor(BrevoAccount& account, const json& ids) {
  if (ids.contains("contact_id")) return account.FindById(ids["contact_id"]);
  if (ids.contains("email_id")) return account.FindByEmail(ids["email_id"]);
  if (ids.contains("ext_id")) return account.FindByUnique("EXT_ID", ids["ext_id"]);
  const std::string phone = ids.value("phone_id", "");
  return account.FindByUnique("SMS", NormalizePhone(phone).value_or(phone));
}

// An event for nobody known is taken and kept without a contact.
void Record(World& world, const json& event) {
  BrevoAccount& account = world.brevo;
  if (!account.event_bodies.insert(Dump(event)).second) ++world.stats.duplicate_events;
  BrevoContact* contact = FindFor(account, event["identifiers"]);
  account.events.push_back({world.clock.NowMillis(), contact == nullptr ? 0 : contact->id, event});
  if (contact != nullptr && event.contains("contact_properties")) {
    ContactWrite write;
    write.attributes = account.Clean(event["contact_properties"], true, nullptr);
    for (const char* kind : kUniqueAttributes) write.attributes.erase(kind);
    write.api_key_name = world.options.api_key_name;
    account.Apply(*contact, write, false);
  }
}

Reply PostEvent(World& world, const Call& call) {
  const json event = json::parse(call.request.body);
  if (std::string wrong = CheckEvent(event); !wrong.empty()) return BrevoInvalid(wrong);
  Record(world, event);
  return NoContent();
}

Reply PostBatch(World& world, const Call& call) {
  const json body = json::parse(call.request.body);
  if (!body.is_object() || !body.contains("events") || !body["events"].is_array() ||
      body["events"].empty()) {
    return BrevoFail(400, "missing_parameter", "events is missing");
  }
  const json& events = body["events"];
  if (events.size() > kMaxBatch) return BrevoInvalid("too many events");
  json errors = json::array();
  for (size_t i = 0; i < events.size(); ++i) {
    const std::string wrong = CheckEvent(events[i]);
    if (wrong.empty()) {
      Record(world, events[i]);
    } else {
      errors.push_back({{"eventIndex", json::array({i})}, {"message", wrong}});
    }
  }
  const size_t good = events.size() - errors.size();
  if (errors.empty()) return JsonReply(202, {{"message", "accepted"}, {"count", good}});
  return JsonReply(good == 0 ? 400 : 207, {{"status", good == 0 ? "failed" : "partial_success"},
                                           {"total_events", events.size()},
                                           {"successful_events", good},
                                           {"failed_events", errors.size()},
                                           {"errors", errors}});
}

// Which events GET /events shows.
struct EventFilter {
  std::set<std::string> names;
  std::set<std::string> contacts;
  std::set<std::string> object_types;
  int64_t from_ms = 0;
  int64_t until_ms = INT64_MAX;

  static bool Has(const std::set<std::string>& wanted, const std::string& value) {
    return wanted.empty() || wanted.count(value) == 1;
  }
  bool Fits(const BrevoEvent& event, int64_t date_ms) const {
    const json object = event.body.value("object", json::object());
    return date_ms >= from_ms && date_ms <= until_ms && Has(names, event.body["event_name"]) &&
           Has(contacts, std::to_string(event.contact)) &&
           Has(object_types, object.value("type", ""));
  }
};

// A day or a time; a day that ends a range counts whole.
std::optional<int64_t> ParseBound(const std::string& text, bool end) {
  if (!IsCalendarDate(text)) return ParseRfc3339Millis(text, true);
  const auto midnight = ParseRfc3339Millis(text + "T00:00:00Z", false);
  return end ? *midnight + 86'399'999 : *midnight;
}

std::string ParseEventFilter(const Call& call, EventFilter& filter) {
  const auto start = call.Query("startDate");
  const auto end = call.Query("endDate");
  if (start.has_value() != end.has_value()) return "startDate and endDate go together";
  if (start) {
    const auto from = ParseBound(*start, false);
    const auto until = ParseBound(*end, true);
    if (!from || !until || *from > *until) return "startDate or endDate is not valid";
    filter.from_ms = *from;
    filter.until_ms = *until;
  }
  for (const auto& [key, value] : call.request.query) {
    if (key == "event_name") filter.names.insert(value);
    if (key == "contact_id") filter.contacts.insert(value);
    if (key == "object_type") filter.object_types.insert(value);
  }
  return "";
}

json EventRow(const BrevoEvent& event, int64_t date_ms) {
  json row = {{"event_name", event.body["event_name"]},
              {"event_date", FormatIsoMillis(date_ms)},
              {"event_properties", event.body.value("event_properties", json::object())},
              {"contact_properties", event.body.value("contact_properties", json::object())}};
  if (event.contact != 0) row["contact_id"] = event.contact;
  return row;
}

// The newest first by event_date; `count` counts the matches of all pages.
Reply GetEvents(const BrevoAccount& account, const Call& call) {
  const OffsetPaging paging = ParseOffsetPaging(call, 100, 10000);
  if (!paging.wrong.empty()) return BrevoFail(400, "out_of_range", paging.wrong);
  EventFilter filter;
  if (const auto wrong = ParseEventFilter(call, filter); !wrong.empty()) return BrevoInvalid(wrong);
  std::vector<std::pair<int64_t, const BrevoEvent*>> found;
  for (const BrevoEvent& event : account.events) {
    const std::string date = event.body.value("event_date", "");
    const int64_t at = ParseRfc3339Millis(date, true).value_or(event.at_ms);
    if (filter.Fits(event, at)) found.emplace_back(at, &event);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  json rows = json::array();
  const auto total = static_cast<int64_t>(found.size());
  for (int64_t i = paging.offset; i < std::min(total, paging.offset + paging.limit); ++i) {
    const auto& [at, event] = found[static_cast<size_t>(i)];
    rows.push_back(EventRow(*event, at));
  }
  return JsonReply(200, {{"events", rows}, {"count", total}});
}

}  // namespace

void AddBrevoEventRoutes(World& world, Router& router) {
  router.Add(
      {"POST", "/v3/events", {}, 0, [&world](const Call& call) { return PostEvent(world, call); }});
  router.Add({"POST", "/v3/events/batch", {}, 0, [&world](const Call& call) {
                return PostBatch(world, call);
              }});
  router.Add(
      {"GET",
       "/v3/events",
       {"contact_id", "event_name", "object_type", "startDate", "endDate", "limit", "offset"},
       0,
       [&world](const Call& call) { return GetEvents(world.brevo, call); }});
}

}  // namespace sandbox
