// Writing activities (API v2) and leads (v1), and v1's deletion of many records at once.

#include <algorithm>

#include "pipedrive_json.h"
#include "pipedrive_listing.h"
#include "pipedrive_validation.h"
#include "replies.h"
#include "routes.h"
#include "text.h"

namespace sandbox {
namespace {

using nlohmann::json;

constexpr size_t kMostIds = 100;

Reply PatchActivity(PipedriveAccount& account, const Call& call) {
  Activity* activity = account.FindActivity(call.ParamInt("id").value_or(0));
  if (activity == nullptr || activity->deleted) return PipedriveFail(404, "Activity not found");
  const json body = json::parse(call.request.body);
  const Refusal refusal = CheckActivityBody(account, body, false);
  if (refusal.status != 0) return PipedriveFail(refusal.status, refusal.message, refusal.code);
  account.PatchActivity(*activity, body, true);
  return PipedriveOk(ActivityV2(*activity));
}

Reply DeleteActivity(PipedriveAccount& account, const Call& call) {
  Activity* activity = account.FindActivity(call.ParamInt("id").value_or(0));
  if (activity == nullptr || activity->deleted) return PipedriveFail(404, "Activity not found");
  account.DeleteActivity(*activity, true);
  return PipedriveOk({{"id", activity->id}});
}

bool IsReference(const json& value) { return value.is_number_integer() || value.is_null(); }

// "" if the member is as the official description has it.
std::string CheckLeadMember(PipedriveAccount& account, const std::string& name, const json& value,
                            bool create) {
  if (name == "title") return value.is_string() && !value.get<std::string>().empty() ? "" : name;
  if (name == "owner_id") return value.is_number_integer() ? "" : name;
  if (name == "person_id" || name == "organization_id") {
    if (!IsReference(value)) return name;
    if (value.is_null()) return "";
    const auto* person = name == "person_id" ? account.FindPerson(value) : nullptr;
    const auto* org = name == "person_id" ? nullptr : account.FindOrganization(value);
    const bool there = (person != nullptr && !person->deleted) || (org != nullptr && !org->deleted);
    return there ? "" : name;
  }
  if (name == "label_ids") {
    const bool texts = value.is_array() && std::all_of(value.begin(), value.end(),
                                                       [](const json& v) { return v.is_string(); });
    return texts ? "" : name;
  }
  if (name == "value") {
    if (value.is_null()) return "";
    const bool money = value.is_object() && value.contains("amount") &&
                       value["amount"].is_number() && value.contains("currency") &&
                       value["currency"].is_string();
    return money ? "" : "value.amount and value.currency";
  }
  if (name == "is_archived") return !create && value.is_boolean() ? "" : name;
  if (name == "was_seen") return value.is_boolean() ? "" : name;
  if (name == "expected_close_date") return value.is_string() || value.is_null() ? "" : name;
  if (name == "visible_to") return value.is_string() ? "" : name;
  return "unknown parameter " + name;
}

std::string CheckLead(PipedriveAccount& account, const json& body, bool create) {
  if (!body.is_object()) return "the body must be an object";
  for (const auto& [name, value] : body.items()) {
    if (std::string wrong = CheckLeadMember(account, name, value, create); !wrong.empty()) {
      return wrong;
    }
  }
  if (!create) return "";
  if (!body.contains("title")) return "title is required";
  const auto linked = [&body](const char* name) {
    return body.contains(name) && body[name].is_number_integer();
  };
  return linked("person_id") || linked("organization_id")
             ? ""
             : "person_id or organization_id is required";
}

Reply NoLead() { return PipedriveFail(404, "requested lead not found"); }

Reply CreateLead(PipedriveAccount& account, const Call& call) {
  const json body = json::parse(call.request.body);
  if (std::string wrong = CheckLead(account, body, true); !wrong.empty()) {
    return PipedriveFail(400, wrong);
  }
  Reply reply = PipedriveOk(LeadV1(account.CreateLead(body, true)));
  reply.status = 201;
  return reply;
}

// Archived leads cannot be edited, but be taken back (facts section 2).
Reply PatchLead(PipedriveAccount& account, const Call& call) {
  Lead* lead = account.FindLead(call.params.at("id"));
  if (lead == nullptr || lead->deleted) return NoLead();
  const json body = json::parse(call.request.body);
  if (std::string wrong = CheckLead(account, body, false); !wrong.empty()) {
    return PipedriveFail(400, wrong);
  }
  if (lead->archived && body.value("is_archived", true)) {
    return PipedriveFail(403, "Archived leads cannot be edited");
  }
  account.PatchLead(*lead, body, true);
  return PipedriveOk(LeadV1(*lead));
}

Reply DeleteLead(PipedriveAccount& account, const Call& call) {
  Lead* lead = account.FindLead(call.params.at("id"));
  if (lead == nullptr || lead->deleted) return NoLead();
  account.DeleteLead(*lead, true);
  return PipedriveOk({{"id", lead->id}});
}

// Those that are there are deleted; the answer names them.
template <typename Delete>
Reply BulkDelete(const Call& call, Delete erase) {
  const std::vector<std::string> ids = SplitComma(call.Query("ids").value_or(""));
  if (ids.empty() || ids.size() > kMostIds) return PipedriveFail(400, "ids: 1 to 100");
  json deleted = json::array();
  for (const std::string& text : ids) {
    const auto id = ParseInteger(text);
    if (!id) return PipedriveFail(400, "ids must be integers");
    if (erase(*id)) deleted.push_back(*id);
  }
  return PipedriveOk({{"id", deleted}});
}

// Calls `erase` for a record that is there.
template <typename Record, typename Erase>
bool EraseIfThere(Record* record, Erase erase) {
  if (record == nullptr || record->deleted) return false;
  erase(*record);
  return true;
}

void AddBulkRoutes(PipedriveAccount& account, Router& router) {
  const std::vector<std::string> ids = {"ids"};
  router.Add({"DELETE", "/api/v1/persons", ids, 10, [&account](const Call& call) {
                return BulkDelete(call, [&account](int64_t id) {
                  return EraseIfThere(account.FindPerson(id),
                                      [&](Person& p) { account.DeletePerson(p, true); });
                });
              }});
  router.Add({"DELETE", "/api/v1/deals", ids, 10, [&account](const Call& call) {
                return BulkDelete(call, [&account](int64_t id) {
                  return EraseIfThere(account.FindDeal(id),
                                      [&](Deal& d) { account.DeleteDeal(d, true); });
                });
              }});
  router.Add({"DELETE", "/api/v1/organizations", ids, 10, [&account](const Call& call) {
                return BulkDelete(call, [&account](int64_t id) {
                  return EraseIfThere(account.FindOrganization(id), [&](Organization& o) {
                    account.DeleteOrganization(o, true);
                  });
                });
              }});
  router.Add({"DELETE", "/api/v1/activities", ids, 10, [&account](const Call& call) {
                return BulkDelete(call, [&account](int64_t id) {
                  return EraseIfThere(account.FindActivity(id),
                                      [&](Activity& a) { account.DeleteActivity(a, true); });
                });
              }});
}

}  // namespace

void AddPipedriveWriteRoutes(World& world, Router& router) {
  PipedriveAccount& account = world.pipedrive;
  router.Add({"PATCH", "/api/v2/activities/{id}", {}, 5, [&account](const Call& call) {
                return PatchActivity(account, call);
              }});
  router.Add({"DELETE", "/api/v2/activities/{id}", {}, 3, [&account](const Call& call) {
                return DeleteActivity(account, call);
              }});
  router.Add({"POST", "/api/v1/leads", {}, 10, [&account](const Call& call) {
                return CreateLead(account, call);
              }});
  router.Add({"PATCH", "/api/v1/leads/{id}", {}, 10, [&account](const Call& call) {
                return PatchLead(account, call);
              }});
  router.Add({"DELETE", "/api/v1/leads/{id}", {}, 6, [&account](const Call& call) {
                return DeleteLead(account, call);
              }});
  AddBulkRoutes(account, router);
}

}  // namespace sandbox
