#include "pipedrive_webhook_bodies.h"

#include "pipedrive_json.h"
#include "random.h"
#include "text.h"

namespace sandbox {
namespace {

using nlohmann::json;

constexpr int64_t kUser = 1;

std::string MakeUuid(uint64_t n) {
  const std::string a = HexDigest(std::to_string(Mix(n)));
  const std::string b = HexDigest(std::to_string(Mix(n + 1'000'003)));
  return a.substr(0, 8) + "-" + a.substr(8, 4) + "-4" + a.substr(13, 3) + "-a" + b.substr(1, 3) +
         "-" + b.substr(4, 12);
}

const Field* CustomField(const World& world, const std::string& key) {
  const int index = world.pipedrive.fields.CustomIndex(key);
  return index < 0 ? nullptr : &world.pipedrive.fields.custom()[static_cast<size_t>(index)];
}

json TypedCustom(const Field& field, const json& v) {
  if (v.is_null()) return nullptr;
  const std::string& type = field.type;
  json out = {{"type", type}};
  if (type == "enum" || type == "user" || type == "org" || type == "people") {
    out["id"] = v;
  } else if (type == "set") {
    out["values"] = json::array();
    for (const json& id : v) out["values"].push_back({{"id", id}});
  } else if (type == "daterange" || type == "timerange") {
    out["from"] = v.value("value", json());
    out["until"] = v.value("until", json());
    if (type == "timerange") out["timezone_id"] = v.value("timezone_id", json());
  } else if (v.is_object()) {
    out.update(v);
  } else {
    out["value"] = v;
  }
  return out;
}

void Rename(json& object, const char* from, const char* to) {
  const auto it = object.find(from);
  if (it == object.end()) return;
  json value = std::move(*it);
  object.erase(it);
  object[to] = std::move(value);
}

void Negate(json& object, const char* from, const char* to) {
  if (!object.contains(from)) return;
  object[to] = object[from] != true;
  object.erase(from);
}

// Names and types differ from API v2 here and there: visible_to is text, custom values carry their
// type, an activity keeps the flags of v1, a person has one label.
json RecordV2(const World& world, const std::string& kind, json object) {
  if (!object.is_object()) return object;
  if (object.contains("visible_to") && object["visible_to"].is_number()) {
    object["visible_to"] = std::to_string(object["visible_to"].get<int64_t>());
  }
  if (kind == "activity") {
    Negate(object, "is_deleted", "active_flag");
    Rename(object, "busy", "busy_flag");
    if (object.contains("due_time")) {
      object["due_time"] = {{"timezone_id", nullptr}, {"value", object["due_time"]}};
    }
  }
  if (kind == "person" && object.contains("label_ids")) {
    const json labels = object["label_ids"];
    object["label"] = labels.empty() ? json(nullptr) : labels[0];
    object.erase("label_ids");
  }
  object.erase("is_deleted");
  if (!object.contains("custom_fields")) return object;
  json custom = json::object();
  for (const auto& [key, value] : object["custom_fields"].items()) {
    if (const Field* field = CustomField(world, key)) custom[key] = TypedCustom(*field, value);
  }
  object["custom_fields"] = custom;
  return object;
}

// "2026-11-24T08:15:30Z" -> "2026-11-24 08:15:30".
void OldTimes(json& object) {
  for (auto& [name, value] : object.items()) {
    if (!value.is_string()) continue;
    auto text = value.get<std::string>();
    if (text.size() < 20 || text[10] != 'T' || text.back() != 'Z') continue;
    text[10] = ' ';
    value = text.substr(0, 19);
  }
}

// A record of API v2 in the flat names of v1, with ids where the API would expand.
json RecordV1(const World& world, const std::string& kind, json object) {
  if (!object.is_object()) return object;
  object["visible_to"] = std::to_string(object.value("visible_to", 3));
  if (kind == "deal") {
    object["active"] = object["status"] == "open";
    Rename(object, "is_deleted", "deleted");
    Rename(object, "owner_id", "user_id");
  } else {
    Negate(object, "is_deleted", "active_flag");
  }
  if (kind == "activity") {
    Rename(object, "owner_id", "user_id");
    Rename(object, "busy", "busy_flag");
  }
  Rename(object, "emails", "email");
  Rename(object, "phones", "phone");
  if (kind == "organization" && object["address"].is_object()) {
    object["address"] = object["address"]["value"];
  }
  const json custom = object.value("custom_fields", json::object());
  object.erase("custom_fields");
  for (const auto& [key, value] : custom.items()) {
    if (const Field* field = CustomField(world, key)) AddCustomV1(object, *field, value);
  }
  OldTimes(object);
  return object;
}

// The whole record before the change, of which a change names only what differs.
json WholePrevious(const PipedriveChange& change) {
  if (change.action != "change" || !change.previous.is_object()) return change.previous;
  json before = change.data;
  for (const auto& [name, value] : change.previous.items()) {
    if (name == "custom_fields") {
      for (const auto& [key, old] : value.items()) before["custom_fields"][key] = old;
    } else {
      before[name] = value;
    }
  }
  return before;
}

json CurrentV1(World& world, const PipedriveChange& change) {
  if (change.action == "delete") return nullptr;
  if (change.object == "organization") {
    return OrganizationV1(world.pipedrive, *world.pipedrive.FindOrganization(change.id));
  }
  if (change.object != "person") return RecordV1(world, change.object, change.data);
  std::string text;
  AppendPersonV1(text, world.pipedrive, *world.pipedrive.FindPerson(change.id));
  json out = json::parse(text);
  out["owner_id"] = out["owner_id"]["value"];
  if (out["org_id"].is_object()) out["org_id"] = out["org_id"]["value"];
  return out;
}

}  // namespace

std::string WebhookActionV1(const PipedriveChange& change) {
  if (change.merged_from != 0) return "merged";
  return change.action == "create" ? "added" : change.action == "change" ? "updated" : "deleted";
}

json WebhookBodyV2(const World& world, const PipedriveChange& change, const PipedriveWebhook& hook,
                   uint64_t sequence) {
  json meta = {{"action", change.action},
               {"entity", change.object},
               {"company_id", std::to_string(world.options.company_id)},
               {"correlation_id", MakeUuid(sequence * 7)},
               {"entity_id", change.text_id.empty() ? std::to_string(change.id) : change.text_id},
               {"id", MakeUuid(sequence * 13)},
               {"is_bulk_edit", change.bulk},
               {"timestamp", FormatIsoMillis(world.clock.NowMillis())},
               {"type", change.by_api ? "application" : "general"},
               {"user_id", std::to_string(change.by_api ? kUser : kUser + 1)},
               {"version", "2.0"},
               {"webhook_id", std::to_string(hook.id)},
               {"webhook_owner_id", std::to_string(kUser)},
               {"change_source", change.by_api ? "api" : "app"},
               {"permitted_user_ids", {"1", "2", "3"}},
               {"attempt", 1},
               {"host", world.options.company_domain + ".pipedrive.com"}};
  if (change.merged_to != 0) meta["merged_to_id"] = std::to_string(change.merged_to);
  if (change.merged_from != 0) meta["merged_from_id"] = std::to_string(change.merged_from);
  return {{"meta", meta},
          {"data", RecordV2(world, change.object, change.data)},
          {"previous", RecordV2(world, change.object, change.previous)}};
}

json WebhookBodyV1(World& world, const PipedriveChange& change, const PipedriveWebhook& hook) {
  const std::string action = WebhookActionV1(change);
  const Micros now = world.clock.Now();
  json body = {{"v", 1},
               {"matches_filters", {{"current", json::array()}}},
               {"meta",
                {{"v", 1},
                 {"action", action},
                 {"object", change.object},
                 {"change_source", change.by_api ? "api" : "app"},
                 {"id", change.id},
                 {"company_id", world.options.company_id},
                 {"user_id", change.by_api ? kUser : kUser + 1},
                 {"host", world.options.company_domain + ".pipedrive.com"},
                 {"timestamp", now / kSecond},
                 {"timestamp_micro", now},
                 {"permitted_user_ids", {1, 2, 3}},
                 {"trans_pending", false},
                 {"is_bulk_update", change.bulk},
                 {"pipedrive_service_name", false},
                 {"webhook_id", std::to_string(hook.id)}}},
               {"retry", 0},
               {"current", CurrentV1(world, change)},
               {"previous", RecordV1(world, change.object, WholePrevious(change))},
               {"event", action + "." + change.object}};
  if (change.merged_from != 0) body["current"]["merge_what_id"] = change.merged_from;
  return body;
}

}  // namespace sandbox
