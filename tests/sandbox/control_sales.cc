// What a user of the web app does with activities and leads.

#include "pipedrive_json.h"
#include "replies.h"
#include "routes.h"

namespace sandbox {
namespace {

using nlohmann::json;

json BodyOf(const Call& call) {
  return call.request.body.empty() ? json::object() : json::parse(call.request.body);
}
Reply Ok(const json& body = json::object()) { return JsonReply(200, body); }
Reply Missing() { return JsonReply(404, {{"error", "no such record"}}); }

}  // namespace

void AddSalesControls(World& world, Router& router) {
  PipedriveAccount& account = world.pipedrive;
  router.Add({"POST", "/sandbox/pipedrive/activities", {}, 0, [&account](const Call& call) {
                return Ok({{"id", account.CreateActivity(BodyOf(call), false).id}});
              }});
  // All of them, as API v2 shows them; deleted ones too.
  router.Add({"GET", "/sandbox/pipedrive/activities", {}, 0, [&account](const Call&) {
                json all = json::array();
                for (const Activity& activity : account.activities) {
                  all.push_back(ActivityV2(activity));
                }
                return Ok({{"activities", all}});
              }});
  router.Add({"POST", "/sandbox/pipedrive/activities/{id}", {}, 0, [&account](const Call& call) {
                Activity* activity = account.FindActivity(call.ParamInt("id").value_or(0));
                if (activity == nullptr) return Missing();
                account.PatchActivity(*activity, BodyOf(call), false);
                return Ok();
              }});
  router.Add({"DELETE", "/sandbox/pipedrive/activities/{id}", {}, 0, [&account](const Call& call) {
                Activity* activity = account.FindActivity(call.ParamInt("id").value_or(0));
                if (activity == nullptr) return Missing();
                account.DeleteActivity(*activity, false);
                return Ok();
              }});
  router.Add({"POST", "/sandbox/pipedrive/leads", {}, 0, [&account](const Call& call) {
                return Ok({{"id", account.CreateLead(BodyOf(call), false).id}});
              }});
  // All of them, deleted ones with "deleted".
  router.Add({"GET", "/sandbox/pipedrive/leads", {}, 0, [&account](const Call&) {
                json all = json::array();
                for (const Lead& lead : account.leads) {
                  all.push_back(LeadV1(lead));
                  all.back()["deleted"] = lead.deleted;
                }
                return Ok({{"leads", all}});
              }});
  router.Add({"POST", "/sandbox/pipedrive/leads/{id}", {}, 0, [&account](const Call& call) {
                Lead* lead = account.FindLead(call.params.at("id"));
                if (lead == nullptr) return Missing();
                account.PatchLead(*lead, BodyOf(call), false);
                return Ok();
              }});
  router.Add({"DELETE", "/sandbox/pipedrive/leads/{id}", {}, 0, [&account](const Call& call) {
                Lead* lead = account.FindLead(call.params.at("id"));
                if (lead == nullptr) return Missing();
                account.DeleteLead(*lead, false);
                return Ok();
              }});
}

}  // namespace sandbox
