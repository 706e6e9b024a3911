// Brevo: /webhooks and marketing deliveries (facts/brevo.md section 6): four retries after 10 min,
// 1 h, 2 h, 8 h when nobody answers or with 429; any other 4xx and any 5xx discards the event.
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>

#include "replies.h"
#include "routes.h"
#include "text.h"

namespace sandbox {
namespace {

using nlohmann::json;

constexpr std::array<Micros, 4> kRetries = {600 * kSecond, 3600 * kSecond, 7200 * kSecond,
                                            28800 * kSecond};
constexpr size_t kMaxWebhooks = 40;
constexpr Micros kBatchWindow = 300 * kSecond;
constexpr size_t kMaxBatch = 500;

const std::map<std::string, std::string>& SubscriptionOf() {
  static const auto* const names = new std::map<std::string, std::string>{
      {"contact_updated", "contactUpdated"}, {"list_addition", "listAddition"},
      {"contact_deleted", "contactDeleted"}, {"unsubscribe", "unsubscribed"},
      {"hard_bounce", "hardBounce"},         {"spam", "spam"}};
  return *names;
}

class Deliverer {
 public:
  explicit Deliverer(World& world) : world_(world) {}

  void OnChange(const BrevoChange& change) {
    const std::string& wanted = SubscriptionOf().at(change.event);
    for (const auto& [id, hook] : world_.brevo.webhooks) {
      if (hook.definition.value("type", "") != "marketing") continue;
      bool subscribed = false;
      for (const json& event : hook.definition["events"]) subscribed |= event == wanted;
      if (!subscribed) continue;
      if (hook.definition.value("batched", false)) {
        Collect(id, Body(change, id));
      } else {
        Attempt(id, std::make_shared<std::string>(Dump(Body(change, id))), 0);
      }
    }
  }

 private:
  // The newest shape, or all in turn: an address alone, in a list or only in the content; ISO dates
  // beside CET; words that end differently.
  json Body(const BrevoChange& change, int64_t hook) {
    const int64_t now = world_.clock.NowSeconds();
    const uint64_t shape = world_.brevo.mixed_shapes ? sequence_++ % 3 : 0;
    json body = {{"id", hook}, {"event", change.event}, {"ts", now}};
    body["date"] =
        shape == 1 ? FormatIsoMillis(world_.clock.NowMillis()) : FormatSqlTime(now + 3600);  // CET
    if (change.event == "contact_updated") {
      AddUpdate(change, shape, body);
    } else if (change.event == "contact_deleted") {
      body["email"] = shape == 2 ? json(change.email) : json::array({change.email});
      body["date"] = FormatIsoMillis(world_.clock.NowMillis());
    } else if (change.event == "list_addition") {
      body["email"] = change.email;
      body["list_id"] = change.lists;
      body["api_key_name"] = change.api_key_name;
    } else {
      AddMailing(change, body);
      if (shape == 1) body["event"] = change.event + (change.event == "unsubscribe" ? "d" : "");
      if (shape == 2 && change.event == "hard_bounce") body["event"] = "hard_bounced";
    }
    return body;
  }

  static void AddUpdate(const BrevoChange& change, uint64_t shape, json& body) {
    json content = change.content;
    content["email"] = change.email;
    if (shape == 1) content["list"] = json::object();
    body["content"] = json::array({content});
    if (shape == 0) body["email"] = change.email;
    if (shape != 2) body["api_key_name"] = change.api_key_name;  // since 2026-11-01
  }

  void AddMailing(const BrevoChange& change, json& body) const {
    const int64_t now = world_.clock.NowSeconds();
    body.update({{"email", change.email},
                 {"camp_id", 12},
                 {"campaign name", "Newsletter"},
                 {"date_sent", FormatSqlTime(now)},
                 {"date_event", FormatSqlTime(now)},
                 {"ts_sent", now},
                 {"ts_event", now},
                 {"tag", ""},
                 {"sending_ip", "203.0.113.7"}});
    if (change.event == "unsubscribe") {
      body["list_id"] = change.lists;
    } else {
      body["reason"] = "550 mailbox unavailable";
    }
  }

  void Collect(int64_t id, json body) {
    std::vector<json>& waiting = batches_[id];
    if (waiting.empty()) {
      world_.scheduler.After(kBatchWindow, [this, id] { Flush(id); });
    }
    waiting.push_back(std::move(body));
  }

  void Flush(int64_t id) {
    const std::vector<json> all = std::move(batches_[id]);
    batches_[id].clear();
    for (size_t at = 0; at < all.size(); at += kMaxBatch) {
      json part = json::array();
      for (size_t i = at; i < std::min(all.size(), at + kMaxBatch); ++i) part.push_back(all[i]);
      Attempt(id, std::make_shared<std::string>(Dump(part)), 0);
    }
  }

  void Attempt(int64_t id, const std::shared_ptr<std::string>& body, size_t attempt) {
    const auto it = world_.brevo.webhooks.find(id);
    if (it == world_.brevo.webhooks.end() || !world_.post) return;
    const json& hook = it->second.definition;
    Headers headers = {{"user-agent", "SendinBlue Webhook"}};
    for (const json& header : hook.value("headers", json::array())) {
      headers.emplace_back(header["key"], header["value"]);
    }
    if (hook.contains("auth") && hook["auth"].value("type", "") == "bearer") {
      headers.emplace_back("authorization", "Bearer " + hook["auth"].value("token", ""));
    }
    world_.post(hook["url"], *body, headers,
                [this, id, body, attempt](int status) { Done(id, body, attempt, status); });
  }

  void Done(int64_t id, const std::shared_ptr<std::string>& body, size_t attempt, int status) {
    if (status >= 200 && status < 300) {
      ++world_.stats.webhooks_sent;
      return;
    }
    ++world_.stats.webhooks_failed;
    const bool again = status == 0 || status == 429 || (status >= 300 && status < 400);
    if (!again || attempt >= kRetries.size()) {
      ++world_.stats.webhooks_lost;
      return;
    }
    world_.scheduler.After(kRetries[attempt],
                           [this, id, body, attempt] { Attempt(id, body, attempt + 1); });
  }

  World& world_;
  std::map<int64_t, std::vector<json>> batches_;
  uint64_t sequence_ = 0;
};

json HookJson(const BrevoWebhook& hook) {
  json out = {{"id", hook.id},
              {"url", hook.definition["url"]},
              {"description", hook.definition.value("description", "")},
              {"events", hook.definition["events"]},
              {"type", hook.definition["type"]},
              {"channel", hook.definition.value("channel", "email")},
              {"batched", hook.definition.value("batched", false)},
              {"createdAt", FormatIsoMillis(hook.created_ms)},
              {"modifiedAt", FormatIsoMillis(hook.modified_ms)}};
  for (const char* name : {"auth", "headers"}) {
    if (hook.definition.contains(name)) out[name] = hook.definition[name];
  }
  return out;
}

std::string CheckHook(const json& body) {
  const std::set<std::string> known = {"url",     "description", "events",  "type",  "channel",
                                       "batched", "auth",        "headers", "domain"};
  for (const auto& [name, value] : body.items()) {
    if (known.count(name) == 0) return "Unknown parameter " + name;
  }
  const std::set<std::string> marketing = {
      "spam",         "opened",       "click",     "hardBounce",     "softBounce",
      "unsubscribed", "listAddition", "delivered", "contactUpdated", "contactDeleted"};
  if (body.value("type", "transactional") != "marketing") return "";
  for (const json& event : body.value("events", json::array())) {
    if (!event.is_string() || marketing.count(event) == 0) return "Invalid event";
  }
  return "";
}

Reply CreateHook(World& world, const Call& call) {
  BrevoAccount& account = world.brevo;
  json body = json::parse(call.request.body);
  if (!body.is_object() || !body.contains("url") || !body["url"].is_string() ||
      !body.contains("events") || !body["events"].is_array() || body["events"].empty()) {
    return BrevoFail(400, "missing_parameter", "url and events are required");
  }
  if (std::string wrong = CheckHook(body); !wrong.empty()) return BrevoInvalid(wrong);
  if (account.webhooks.size() >= kMaxWebhooks) {
    return BrevoFail(400, "permission_denied", "Maximum 40 webhooks can be created");
  }
  if (!body.contains("type")) body["type"] = "transactional";  // the default, and a trap
  const int64_t id = account.next_webhook++;
  const int64_t now = world.clock.NowMillis();
  account.webhooks[id] = {id, body, now, now};
  return JsonReply(201, {{"id", id}});
}

Reply UpdateHook(World& world, const Call& call) {
  const auto it = world.brevo.webhooks.find(call.ParamInt("id").value_or(0));
  if (it == world.brevo.webhooks.end()) return BrevoNotFound("Webhook ID does not exist");
  const json body = json::parse(call.request.body);
  if (std::string wrong = CheckHook(body); !wrong.empty()) return BrevoInvalid(wrong);
  it->second.definition.update(body);
  it->second.modified_ms = world.clock.NowMillis();
  return NoContent();
}

Reply ListHooks(const World& world, const Call& call) {
  const std::string type = call.Query("type").value_or("transactional");  // the default
  json rows = json::array();
  for (const auto& [id, hook] : world.brevo.webhooks) {
    if (hook.definition["type"] == type) rows.push_back(HookJson(hook));
  }
  if (rows.empty()) return BrevoNotFound("Webhook not found");
  return JsonReply(200, {{"webhooks", rows}});
}

}  // namespace

void AddBrevoWebhookRoutes(World& world, Router& router) {
  auto deliverer = std::make_shared<Deliverer>(world);
  world.brevo.on_change = [deliverer](const BrevoChange& c) { deliverer->OnChange(c); };
  router.Add({"GET", "/v3/webhooks", {"type", "sort"}, 0, [&world](const Call& call) {
                return ListHooks(world, call);
              }});
  router.Add({"POST", "/v3/webhooks", {}, 0, [&world](const Call& call) {
                return CreateHook(world, call);
              }});
  router.Add({"GET", "/v3/webhooks/{id}", {}, 0, [&world](const Call& call) {
                const auto it = world.brevo.webhooks.find(call.ParamInt("id").value_or(0));
                if (it == world.brevo.webhooks.end()) {
                  return BrevoNotFound("Webhook ID does not exist");
                }
                return JsonReply(200, HookJson(it->second));
              }});
  router.Add({"PUT", "/v3/webhooks/{id}", {}, 0, [&world](const Call& call) {
                return UpdateHook(world, call);
              }});
  router.Add({"DELETE", "/v3/webhooks/{id}", {}, 0, [&world](const Call& call) {
                const bool gone = world.brevo.webhooks.erase(call.ParamInt("id").value_or(0)) == 1;
                return gone ? NoContent() : BrevoNotFound("Webhook ID does not exist");
              }});
}

}  // namespace sandbox
