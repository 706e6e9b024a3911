// /sandbox/*: what tests steer and look at. Never recorded, never limited, no credential.
#include <algorithm>
#include <functional>
#include <map>
#include <vector>

#include "pipedrive_json.h"
#include "replies.h"
#include "routes.h"
#include "state_dump.h"
#include "text.h"

namespace sandbox {
namespace {

using nlohmann::json;

Reply Ok(const json& body = {{"ok", true}}) { return JsonReply(200, body); }
Reply Bad(const std::string& error) { return JsonReply(400, {{"error", error}}); }
Reply Missing() { return JsonReply(404, {{"error", "not found"}}); }

json BodyOf(const Call& call) {
  return call.request.body.empty() ? json::object() : json::parse(call.request.body);
}

// "{id}" in texts becomes the record's id, so that each changes to something of its own.
json ForRecord(const json& changes, int64_t id) {
  json out = changes;
  for (auto& value : out) {
    if (value.is_object() || value.is_array()) value = ForRecord(value, id);
    if (!value.is_string()) continue;
    auto text = value.get<std::string>();
    const size_t at = text.find("{id}");
    if (at != std::string::npos) value = text.replace(at, 4, std::to_string(id));
  }
  return out;
}

// {"ids":[1,2]} or {"from":1,"to":20000}.
std::vector<int64_t> IdsOf(const json& body) {
  auto ids = body.value("ids", std::vector<int64_t>());
  if (!body.contains("from")) return ids;
  const int64_t last = body.at("to");
  for (int64_t id = body.at("from"); id <= last; ++id) ids.push_back(id);
  return ids;
}

// A bulk edit of the list view: `patch` changes one record, false if there is none.
Reply EditInBulk(PipedriveAccount& account, const json& body,
                 const std::function<bool(int64_t id, const json& changes)>& patch) {
  account.bulk_edit = true;
  int64_t changed = 0;
  for (const int64_t id : IdsOf(body)) changed += patch(id, ForRecord(body.at("changes"), id));
  account.bulk_edit = false;
  return Ok({{"changed", changed}});
}

void AddBulkControls(World& world, Router& router) {
  PipedriveAccount& account = world.pipedrive;
  router.Add({"POST", "/sandbox/pipedrive/persons/bulk", {}, 0, [&account](const Call& call) {
                return EditInBulk(account, BodyOf(call), [&](int64_t id, const json& changes) {
                  Person* person = account.FindPerson(id);
                  if (person == nullptr || person->deleted) return false;
                  account.PatchPerson(*person, changes, false);
                  return true;
                });
              }});
  router.Add({"POST", "/sandbox/pipedrive/deals/bulk", {}, 0, [&account](const Call& call) {
                return EditInBulk(account, BodyOf(call), [&](int64_t id, const json& changes) {
                  Deal* deal = account.FindDeal(id);
                  if (deal == nullptr || deal->deleted) return false;
                  account.PatchDeal(*deal, changes, false);
                  return true;
                });
              }});
  router.Add({"POST", "/sandbox/webhooks", {}, 0, [&world, &account](const Call& call) {
                const json body = BodyOf(call);
                WebhookWeather& weather = account.weather;
                weather.reorder_s = body.value("reorder_s", 0.0);
                weather.duplicates = body.value("duplicates", 0.0);
                weather.merge_change_first = body.value("merge_change_first", false);
                world.brevo.mixed_shapes = body.value("mixed_shapes", false);
                return Ok();
              }});
}

// As a user of the web app would: no credential, no limit, change_source "app".
void AddPersonControls(World& world, Router& router) {
  PipedriveAccount& account = world.pipedrive;
  router.Add({"POST", "/sandbox/pipedrive/persons", {}, 0, [&account](const Call& call) {
                return Ok({{"id", account.CreatePerson(BodyOf(call), false).id}});
              }});
  router.Add({"POST", "/sandbox/pipedrive/persons/{id}", {}, 0, [&account](const Call& call) {
                Person* person = account.FindPerson(call.ParamInt("id").value_or(0));
                if (person == nullptr) return Missing();
                account.PatchPerson(*person, BodyOf(call), false);
                return Ok();
              }});
  router.Add({"DELETE", "/sandbox/pipedrive/persons/{id}", {}, 0, [&account](const Call& call) {
                Person* person = account.FindPerson(call.ParamInt("id").value_or(0));
                if (person == nullptr) return Missing();
                account.DeletePerson(*person, false);
                return Ok();
              }});
  router.Add({"POST", "/sandbox/pipedrive/persons/{id}/merge", {}, 0, [&account](const Call& call) {
                Person* loser = account.FindPerson(call.ParamInt("id").value_or(0));
                Person* survivor = account.FindPerson(BodyOf(call).at("merge_with_id"));
                if (loser == nullptr || survivor == nullptr || loser == survivor) return Missing();
                account.MergePersons(*loser, *survivor, false);
                return Ok();
              }});
}

void AddRecordControls(World& world, Router& router) {
  PipedriveAccount& account = world.pipedrive;
  router.Add({"POST", "/sandbox/pipedrive/organizations", {}, 0, [&account](const Call& call) {
                return Ok({{"id", account.CreateOrganization(BodyOf(call), false).id}});
              }});
  router.Add({"POST", "/sandbox/pipedrive/organizations/{id}", {}, 0, [&](const Call& call) {
                Organization* o = account.FindOrganization(call.ParamInt("id").value_or(0));
                if (o == nullptr) return Missing();
                account.PatchOrganization(*o, BodyOf(call), false);
                return Ok();
              }});
  router.Add({"DELETE", "/sandbox/pipedrive/organizations/{id}", {}, 0, [&](const Call& call) {
                Organization* o = account.FindOrganization(call.ParamInt("id").value_or(0));
                if (o == nullptr) return Missing();
                account.DeleteOrganization(*o, false);
                return Ok();
              }});
  router.Add({"POST", "/sandbox/pipedrive/deals", {}, 0, [&account](const Call& call) {
                return Ok({{"id", account.CreateDeal(BodyOf(call), false).id}});
              }});
  // All of them, as API v2 shows them; deleted ones too.
  router.Add({"GET", "/sandbox/pipedrive/deals", {}, 0, [&account](const Call&) {
                json deals = json::array();
                for (const Deal& deal : account.deals) deals.push_back(DealV2(deal));
                return Ok({{"deals", deals}});
              }});
  router.Add({"POST", "/sandbox/pipedrive/deals/{id}", {}, 0, [&account](const Call& call) {
                Deal* deal = account.FindDeal(call.ParamInt("id").value_or(0));
                if (deal == nullptr) return Missing();
                account.PatchDeal(*deal, BodyOf(call), false);
                return Ok();
              }});
  router.Add({"DELETE", "/sandbox/pipedrive/deals/{id}", {}, 0, [&account](const Call& call) {
                Deal* deal = account.FindDeal(call.ParamInt("id").value_or(0));
                if (deal == nullptr) return Missing();
                account.DeleteDeal(*deal, false);
                return Ok();
              }});
}

Reply EditContact(World& world, const Call& call) {
  BrevoAccount& account = world.brevo;
  const std::string& email = call.params.at("email");
  const json body = BodyOf(call);
  BrevoContact* contact = account.FindByEmail(email);
  const bool created = contact == nullptr;
  if (created && !body.value("create", false)) return Missing();
  if (created) contact = &account.Create(email);
  ContactWrite write;
  write.attributes = account.Clean(body.value("attributes", json::object()), true, nullptr);
  for (const std::string& kind : account.Conflicts(write.attributes, contact)) {
    write.attributes.erase(kind);
  }
  if (body.contains("email")) write.email = body["email"].get<std::string>();
  write.join = body.value("join_lists", std::vector<int64_t>());
  write.leave = body.value("leave_lists", std::vector<int64_t>());
  if (body.contains("email_blacklisted")) write.email_blacklisted = body["email_blacklisted"];
  if (body.contains("sms_blacklisted")) write.sms_blacklisted = body["sms_blacklisted"];
  account.Apply(*contact, write, created);
  if (body.contains("unsubscribe_list")) account.Unsubscribe(*contact, body["unsubscribe_list"]);
  for (const char* event : {"hard_bounce", "spam"}) {
    if (body.value(event, false)) account.Block(*contact, event);
  }
  return Ok({{"id", contact->id}});
}

// What happens to the tokens when a user uninstalls the app. Pipedrive then also sends a DELETE to
// the callback URL, though not to a local one; a test sends that itself.
void AddOauthControls(World& world, Router& router) {
  router.Add({"POST", "/sandbox/oauth/uninstall", {}, 0, [&world](const Call&) {
                world.access_tokens.clear();
                world.refresh_tokens.clear();
                return Ok();
              }});
  // Ends every access token before its time; refresh tokens stay good.
  router.Add({"POST", "/sandbox/oauth/expire", {}, 0, [&world](const Call&) {
                world.access_tokens.clear();
                return Ok();
              }});
}

void AddBrevoControls(World& world, Router& router) {
  router.Add({"POST", "/sandbox/brevo/contacts/{email}", {}, 0, [&world](const Call& call) {
                return EditContact(world, call);
              }});
  // To look at one of many often.
  router.Add({"GET", "/sandbox/brevo/contacts/{email}", {}, 0, [&world](const Call& call) {
                const BrevoContact* contact = world.brevo.FindByEmail(call.params.at("email"));
                if (contact == nullptr) return Missing();
                return Ok({{"email", contact->email},
                           {"attributes", json::parse(contact->attributes)},
                           {"lists", contact->lists}});
              }});
  router.Add({"DELETE", "/sandbox/brevo/contacts/{email}", {}, 0, [&world](const Call& call) {
                BrevoContact* contact = world.brevo.FindByEmail(call.params.at("email"));
                if (contact == nullptr) return Missing();
                world.brevo.Delete(*contact, "");
                return Ok();
              }});
}

void AddFaultControls(World& world, Router& router) {
  router.Add({"POST", "/sandbox/faults", {}, 0, [&world](const Call& call) {
                const std::string wrong = world.faults.Add(BodyOf(call));
                return wrong.empty() ? Ok() : Bad(wrong);
              }});
  router.Add(
      {"GET", "/sandbox/faults", {}, 0, [&world](const Call&) { return Ok(world.faults.List()); }});
  router.Add({"DELETE", "/sandbox/faults", {}, 0, [&world](const Call&) {
                world.faults.Clear();
                return Ok();
              }});
}

Reply StateReply(World& world, const Call& call) {
  const std::string state = DumpBrevoState(world.brevo);
  if (call.Query("format") == "hash") {
    return Ok({{"hash", HexDigest(state)}, {"contacts", world.brevo.living}});
  }
  Reply reply;
  reply.body = state;
  return reply;
}

Reply StatsReply(const World& world) {
  json out = world.stats.ToJson();
  out["now"] = FormatIsoMillis(world.clock.NowMillis());
  out["pipedrive"]["tokens_spent_today"] = world.pipedrive_limits.tokens_spent();
  out["pipedrive"]["persons"] =
      std::count_if(world.pipedrive.persons.begin(), world.pipedrive.persons.end(),
                    [](const Person& person) { return !person.deleted; });
  out["brevo"]["contacts"] = world.brevo.living;
  out["brevo"]["events"] = world.brevo.events.size();
  out["brevo"]["imports_open"] =
      std::count_if(world.brevo.processes.begin(), world.brevo.processes.end(),
                    [](const auto& entry) { return entry.second.completed_ms == 0; });
  return Ok(out);
}

}  // namespace

void AddControlRoutes(World& world, Router& router) {
  AddPersonControls(world, router);
  AddRecordControls(world, router);
  AddSalesControls(world, router);
  AddBulkControls(world, router);
  AddOauthControls(world, router);
  AddBrevoControls(world, router);
  AddFaultControls(world, router);
  router.Add({"GET", "/sandbox/health", {}, 0, [](const Call&) { return Ok(); }});
  router.Add({"GET", "/sandbox/stats", {}, 0, [&world](const Call&) { return StatsReply(world); }});
  router.Add({"POST", "/sandbox/stats/reset", {}, 0, [&world](const Call&) {
                world.stats.Reset();
                return Ok();
              }});
  router.Add({"GET", "/sandbox/state", {}, 0, [&world](const Call& call) {
                return StateReply(world, call);
              }});
  router.Add({"GET", "/sandbox/events", {}, 0, [&world](const Call&) {
                json out = json::array();
                for (const BrevoEvent& event : world.brevo.events) out.push_back(event.body);
                return Ok(out);
              }});
  router.Add({"POST", "/sandbox/advance", {}, 0, [&world](const Call& call) {
                const double seconds = BodyOf(call).value("seconds", 0.0);
                world.clock.Advance(static_cast<Micros>(seconds * kSecond));
                world.scheduler.RunDue();
                return Ok({{"now", FormatIsoMillis(world.clock.NowMillis())}});
              }});
  router.Add({"POST", "/sandbox/limits", {}, 0, [&world](const Call& call) {
                const bool on = BodyOf(call).value("enabled", true);
                world.pipedrive_limits.set_enabled(on);
                world.brevo_limits.set_enabled(on);
                return Ok();
              }});
}

}  // namespace sandbox
