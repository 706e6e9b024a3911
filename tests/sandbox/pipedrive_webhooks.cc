// Pipedrive: /v1/webhooks and their deliveries (facts/pipedrive.md section 5): success is a 2xx
// within 10 s, else retries after 3, 30 and 150 s; ten failed first attempts ban the webhook for
// 30 minutes, and what happens during a ban is lost.
#include <array>
#include <memory>
#include <set>

#include "pipedrive_json.h"
#include "random.h"
#include "replies.h"
#include "routes.h"
#include "text.h"

namespace sandbox {
namespace {

using nlohmann::json;

constexpr std::array<Micros, 3> kRetries = {3 * kSecond, 30 * kSecond, 150 * kSecond};
constexpr int kFailuresToBan = 10;
constexpr Micros kBan = 1800 * kSecond;
constexpr size_t kMaxWebhooks = 40;
constexpr int64_t kUser = 1;

std::string MakeUuid(uint64_t n) {
  const std::string a = HexDigest(std::to_string(Mix(n)));
  const std::string b = HexDigest(std::to_string(Mix(n + 1'000'003)));
  return a.substr(0, 8) + "-" + a.substr(8, 4) + "-4" + a.substr(13, 3) + "-a" + b.substr(1, 3) +
         "-" + b.substr(4, 12);
}

json CustomForWebhook(const Field& field, const json& v) {
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

class Deliverer {
 public:
  explicit Deliverer(World& world) : world_(world) {}

  void OnChange(const PipedriveChange& change) {
    for (auto& [id, hook] : world_.pipedrive.webhooks) {
      if (!Wants(hook, change)) continue;
      if (world_.clock.Now() < hook.banned_until) {
        ++world_.stats.webhooks_lost;
        continue;
      }
      auto body = std::make_shared<json>(hook.version == "1.0" ? BodyV1(change, hook)
                                                               : BodyV2(change, hook));
      Attempt(id, body, 1);
    }
  }

 private:
  static bool Wants(const PipedriveWebhook& hook, const PipedriveChange& change) {
    if (hook.object != "*" && hook.object != change.object) return false;
    if (hook.action == "*") return true;
    if (hook.version != "1.0") return hook.action == change.action;
    const std::string old = OldAction(change);
    return hook.action == old;
  }

  static std::string OldAction(const PipedriveChange& change) {
    if (change.merged_from != 0) return "merged";
    return change.action == "create" ? "added" : change.action == "change" ? "updated" : "deleted";
  }

  // visible_to is text here; custom values carry their type.
  json ForWebhook(const PipedriveChange& change, json object) const {
    if (!object.is_object()) return object;
    if (object.contains("visible_to"))
      object["visible_to"] = std::to_string(object["visible_to"].get<int64_t>());
    object.erase("is_deleted");
    if (change.object != "person" || !object.contains("custom_fields")) return object;
    json custom = json::object();
    for (const auto& [key, value] : object["custom_fields"].items()) {
      const int index = world_.pipedrive.fields.CustomIndex(key);
      if (index < 0) continue;
      custom[key] =
          CustomForWebhook(world_.pipedrive.fields.custom()[static_cast<size_t>(index)], value);
    }
    object["custom_fields"] = custom;
    return object;
  }

  json BodyV2(const PipedriveChange& change, const PipedriveWebhook& hook) {
    json meta = {{"action", change.action},
                 {"entity", change.object},
                 {"company_id", std::to_string(world_.options.company_id)},
                 {"correlation_id", MakeUuid(++sequence_ * 7)},
                 {"entity_id", change.text_id.empty() ? std::to_string(change.id) : change.text_id},
                 {"id", MakeUuid(sequence_ * 13)},
                 {"is_bulk_edit", false},
                 {"timestamp", FormatIsoMillis(world_.clock.NowMillis())},
                 {"type", change.by_api ? "application" : "general"},
                 {"user_id", std::to_string(change.by_api ? kUser : kUser + 1)},
                 {"version", "2.0"},
                 {"webhook_id", std::to_string(hook.id)},
                 {"webhook_owner_id", std::to_string(kUser)},
                 {"change_source", change.by_api ? "api" : "app"},
                 {"permitted_user_ids", {"1", "2", "3"}},
                 {"attempt", 1},
                 {"host", world_.options.company_domain + ".pipedrive.com"}};
    if (change.merged_to != 0) meta["merged_to_id"] = std::to_string(change.merged_to);
    if (change.merged_from != 0) meta["merged_from_id"] = std::to_string(change.merged_from);
    return {{"meta", meta},
            {"data", ForWebhook(change, change.data)},
            {"previous", ForWebhook(change, change.previous)}};
  }

  json CurrentV1(const PipedriveChange& change) const {
    if (change.action == "delete") return nullptr;
    if (change.object == "person") {
      std::string text;
      AppendPersonV1(text, world_.pipedrive, *world_.pipedrive.FindPerson(change.id));
      json out = json::parse(text);
      out["owner_id"] = out["owner_id"]["value"];
      if (out["org_id"].is_object()) out["org_id"] = out["org_id"]["value"];
      return out;
    }
    if (change.object == "organization") {
      return OrganizationV1(world_.pipedrive, *world_.pipedrive.FindOrganization(change.id));
    }
    return change.data;
  }

  json BodyV1(const PipedriveChange& change, const PipedriveWebhook& hook) {
    const std::string action = OldAction(change);
    const Micros now = world_.clock.Now();
    return {{"v", 1},
            {"matches_filters", {{"current", json::array()}}},
            {"meta",
             {{"v", 1},
              {"action", action},
              {"object", change.object},
              {"change_source", change.by_api ? "api" : "app"},
              {"id", change.id},
              {"company_id", world_.options.company_id},
              {"user_id", change.by_api ? kUser : kUser + 1},
              {"host", world_.options.company_domain + ".pipedrive.com"},
              {"timestamp", now / kSecond},
              {"timestamp_micro", now},
              {"permitted_user_ids", {1, 2, 3}},
              {"trans_pending", false},
              {"is_bulk_update", false},
              {"pipedrive_service_name", false},
              {"webhook_id", hook.id}}},
            {"retry", 0},
            {"current", CurrentV1(change)},
            {"previous", change.previous},
            {"event", action + "." + change.object}};
  }

  void Attempt(int64_t id, const std::shared_ptr<json>& body, int attempt) {
    const auto it = world_.pipedrive.webhooks.find(id);
    if (it == world_.pipedrive.webhooks.end() || !world_.post) return;
    if (body->contains("retry")) {
      (*body)["retry"] = attempt - 1;
    } else {
      (*body)["meta"]["attempt"] = attempt;
    }
    Headers headers = {{"user-agent", "Pipedrive Webhooks"}};
    if (!it->second.user.empty()) {
      headers.emplace_back("authorization",
                           "Basic " + Base64Encode(it->second.user + ":" + it->second.password));
    }
    world_.post(it->second.url, Dump(*body), headers,
                [this, id, body, attempt](int status) { Done(id, body, attempt, status); });
  }

  void Done(int64_t id, const std::shared_ptr<json>& body, int attempt, int status) {
    const auto it = world_.pipedrive.webhooks.find(id);
    if (it == world_.pipedrive.webhooks.end()) return;
    PipedriveWebhook& hook = it->second;
    hook.last_status = status;
    hook.last_time = world_.clock.NowSeconds();
    if (status >= 200 && status < 300) {
      ++world_.stats.webhooks_sent;
      return;
    }
    ++world_.stats.webhooks_failed;
    if (attempt == 1 && ++hook.first_failures >= kFailuresToBan) {
      hook.first_failures = 0;
      hook.banned_until = world_.clock.Now() + kBan;
    }
    if (attempt > static_cast<int>(kRetries.size())) {
      ++world_.stats.webhooks_lost;
      return;
    }
    world_.scheduler.After(kRetries[static_cast<size_t>(attempt - 1)],
                           [this, id, body, attempt] { Attempt(id, body, attempt + 1); });
  }

  World& world_;
  uint64_t sequence_ = 0;
};

json HookJson(const World& world, const PipedriveWebhook& hook) {
  const auto text = [](const std::string& value) {
    return value.empty() ? json(nullptr) : json(value);
  };
  return {{"id", hook.id},
          {"company_id", world.options.company_id},
          {"owner_id", kUser},
          {"user_id", kUser},
          {"event_action", hook.action},
          {"event_object", hook.object},
          {"subscription_url", hook.url},
          {"version", hook.version},
          {"is_active", 1},
          {"add_time", FormatRfc3339(hook.add_time)},
          {"remove_time", nullptr},
          {"type", "general"},
          {"http_auth_user", text(hook.user)},
          {"http_auth_password", text(hook.password)},
          {"remove_reason", nullptr},
          {"last_delivery_time",
           hook.last_time == 0 ? json(nullptr) : json(FormatRfc3339(hook.last_time))},
          {"last_http_status", hook.last_status == 0 ? json(nullptr) : json(hook.last_status)},
          {"admin_id", kUser},
          {"name", hook.name}};
}

Reply HookErrors(const std::string& name, const std::string& message) {
  return JsonReply(
      400, {{"status", "error"}, {"success", false}, {"errors", {{name, json::array({message})}}}});
}

std::string TextOr(const json& body, const char* name, const std::string& otherwise) {
  return body.contains(name) && body[name].is_string() ? body[name].get<std::string>() : otherwise;
}

Reply CreateHook(World& world, const Call& call) {
  const json body = json::parse(call.request.body);
  PipedriveWebhook hook;
  hook.url = TextOr(body, "subscription_url", "");
  hook.action = TextOr(body, "event_action", "");
  hook.object = TextOr(body, "event_object", "");
  hook.name = TextOr(body, "name", "");
  hook.version = TextOr(body, "version", "2.0");
  hook.user = TextOr(body, "http_auth_user", "");
  hook.password = TextOr(body, "http_auth_password", "");
  hook.add_time = world.clock.NowSeconds();
  if (hook.url.rfind("http", 0) != 0 || Contains(hook.url, "pipedrive.com")) {
    return HookErrors("subscription_url", "invalid or non-reachable URL");
  }
  const bool old = hook.version == "1.0";
  if (!old && hook.version != "2.0") return HookErrors("version", "invalid version");
  const std::set<std::string> actions =
      old ? std::set<std::string>{"added", "updated", "deleted", "merged", "*"}
          : std::set<std::string>{"create", "change", "delete", "*"};
  const std::set<std::string> objects = {"activity",     "deal",   "lead",     "note",
                                         "organization", "person", "pipeline", "product",
                                         "stage",        "user",   "*"};
  if (actions.count(hook.action) == 0) return HookErrors("event_action", "Validation failed");
  if (objects.count(hook.object) == 0) return HookErrors("event_object", "Validation failed");
  if (hook.name.empty()) return HookErrors("name", "name is required");
  if (world.pipedrive.webhooks.size() >= kMaxWebhooks) {
    return JsonReply(
        422,
        {{"status", "error"}, {"success", false}, {"errors", {{"webhooks", {"limit reached"}}}}});
  }
  hook.id = world.pipedrive.next_webhook++;
  world.pipedrive.webhooks[hook.id] = hook;  // no check for duplicates
  return JsonReply(201, {{"status", "ok"}, {"success", true}, {"data", HookJson(world, hook)}});
}

}  // namespace

void AddPipedriveWebhookRoutes(World& world, Router& router) {
  auto deliverer = std::make_shared<Deliverer>(world);
  world.pipedrive.on_change = [deliverer](const PipedriveChange& c) { deliverer->OnChange(c); };
  router.Add({"GET", "/api/v1/webhooks", {}, 10, [&world](const Call&) {
                json rows = json::array();
                for (const auto& [id, hook] : world.pipedrive.webhooks) {
                  rows.push_back(HookJson(world, hook));
                }
                return JsonReply(200, {{"status", "ok"}, {"success", true}, {"data", rows}});
              }});
  router.Add({"POST", "/api/v1/webhooks", {}, 10, [&world](const Call& call) {
                return CreateHook(world, call);
              }});
  router.Add(
      {"DELETE", "/api/v1/webhooks/{id}", {}, 6, [&world](const Call& call) {
         if (world.pipedrive.webhooks.erase(call.ParamInt("id").value_or(0)) == 0) {
           return JsonReply(
               404, {{"status", "error"}, {"success", false}, {"errors", {{"id", {"not found"}}}}});
         }
         return JsonReply(200, {{"status", "ok"}, {"success", true}});
       }});
}

}  // namespace sandbox
