// Pipedrive: /v1/webhooks and their deliveries (facts/pipedrive.md section 5): success is a 2xx
// within 10 s, else retries after 3, 30 and 150 s; ten failed first attempts ban the webhook for
// 30 minutes, and what happens during a ban is lost; three days without a success remove it.
#include <array>
#include <memory>
#include <set>

#include "pipedrive_webhook_bodies.h"
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
constexpr Micros kGivenUp = 3 * 86'400 * kSecond;  // without a success for so long: removed
constexpr size_t kMaxWebhooks = 40;
constexpr int64_t kUser = 1;

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
      Deliver(id, hook.version == "1.0" ? WebhookBodyV1(world_, change, hook)
                                        : WebhookBodyV2(world_, change, hook, ++sequence_));
    }
  }

 private:
  static bool Wants(const PipedriveWebhook& hook, const PipedriveChange& change) {
    if (hook.object != "*" && hook.object != change.object) return false;
    if (hook.action == "*") return true;
    return hook.action == (hook.version == "1.0" ? WebhookActionV1(change) : change.action);
  }

  // At once, or by the weather that a test has made: later, twice, in another order.
  void Deliver(int64_t id, json body) {
    const WebhookWeather& weather = world_.pipedrive.weather;
    const bool twice = weather.duplicates > 0 && random_.Chance(weather.duplicates);
    for (int copies = twice ? 2 : 1; copies > 0; --copies) {
      // A copy of its own: each has its attempts.
      auto own = std::make_shared<json>(body);
      if (weather.reorder_s <= 0) {
        Attempt(id, own, 1);
        continue;
      }
      const auto delay = static_cast<Micros>(
          random_.Below(static_cast<uint64_t>(weather.reorder_s * kSecond) + 1));
      world_.scheduler.After(delay, [this, id, own] { Attempt(id, own, 1); });
    }
    if (twice) ++world_.stats.webhooks_doubled;
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
      hook.failing_since = 0;
      return;
    }
    ++world_.stats.webhooks_failed;
    if (hook.failing_since == 0) hook.failing_since = world_.clock.Now();
    if (world_.clock.Now() >= hook.failing_since + kGivenUp) {
      ++world_.stats.webhooks_removed;
      world_.pipedrive.webhooks.erase(it);
      return;
    }
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
  Random random_{42};
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

Reply DeleteHook(World& world, const Call& call) {
  if (world.pipedrive.webhooks.erase(call.ParamInt("id").value_or(0)) == 0) {
    return JsonReply(
        404, {{"status", "error"}, {"success", false}, {"errors", {{"id", {"not found"}}}}});
  }
  return JsonReply(200, {{"status", "ok"}, {"success", true}});
}

}  // namespace

void AddPipedriveWebhookRoutes(World& world, Router& router, Router& control) {
  auto deliverer = std::make_shared<Deliverer>(world);
  world.pipedrive.on_change = [deliverer](const PipedriveChange& c) { deliverer->OnChange(c); };
  router.Add({"GET", "/api/v1/webhooks", {}, 10, [&world](const Call&) {
                json rows = json::array();
                for (const auto& [id, hook] : world.pipedrive.webhooks) {
                  rows.push_back(HookJson(world, hook));
                }
                return JsonReply(200, {{"status", "ok"}, {"success", true}, {"data", rows}});
              }});
  // By a user of the web app: no credential, no limit.
  control.Add({"POST", "/sandbox/pipedrive/webhooks", {}, 0, [&world](const Call& call) {
                 return CreateHook(world, call);
               }});
  control.Add({"DELETE", "/sandbox/pipedrive/webhooks/{id}", {}, 0, [&world](const Call& call) {
                 return DeleteHook(world, call);
               }});
  router.Add({"POST", "/api/v1/webhooks", {}, 10, [&world](const Call& call) {
                return CreateHook(world, call);
              }});
  router.Add({"DELETE", "/api/v1/webhooks/{id}", {}, 6, [&world](const Call& call) {
                return DeleteHook(world, call);
              }});
}

}  // namespace sandbox
