// API v2: organizations, deals, activities, pipelines, stages.
#include <set>

#include "pipedrive_json.h"
#include "pipedrive_listing.h"
#include "pipedrive_validation.h"
#include "replies.h"
#include "routes.h"

namespace sandbox {
namespace {

using nlohmann::json;

constexpr int64_t kMaxLimit = 500;
constexpr int64_t kDeletedShown = 30 * 86'400;  // "deleted up to 30 days ago"

Reply Invalid(const std::string& message) {
  return PipedriveFail(400, message, "ERR_SCHEMA_VALIDATION_FAILED");
}

Reply Refused(const Refusal& refusal) {
  return PipedriveFail(refusal.status, refusal.message, refusal.code);
}

template <typename T, typename ToJson>
Reply Render(const ListPage<T>& page, ToJson to_json) {
  std::string data;
  for (const T* record : page.records) {
    if (!data.empty()) data += ',';
    data += Dump(to_json(*record));
  }
  return ListReply(std::move(data), page.next_cursor);
}

json OrganizationView(const Call& call, const Organization& o) {
  json out = OrganizationV2(o);
  for (const std::string& name : SplitComma(call.Query("include_fields").value_or(""))) {
    out[name] = name == "people_count"     ? json(o.people)
                : name.ends_with("_count") ? json(0)
                                           : json(nullptr);
  }
  return out;
}

Reply ListOrganizations(PipedriveAccount& account, const Call& call) {
  ListQuery query;
  if (std::string wrong = ParseListQuery(call, kMaxLimit, query); !wrong.empty()) {
    return Invalid(wrong);
  }
  const int64_t owner = call.QueryInt("owner_id", 0);
  const auto page = SelectPage(account.organizations, query, [&](const Organization& o) {
    return !o.deleted && (owner == 0 || o.owner == owner);
  });
  return Render(page, [&call](const Organization& o) { return OrganizationView(call, o); });
}

Reply GetOrganization(PipedriveAccount& account, const Call& call) {
  const Organization* o = account.FindOrganization(call.ParamInt("id").value_or(0));
  if (o == nullptr) return PipedriveFail(404, "Organization not found");
  return PipedriveOk(OrganizationView(call, *o));
}

Reply CreateOrganization(PipedriveAccount& account, const Call& call) {
  const json body = json::parse(call.request.body);
  const Refusal refusal = CheckOrganizationBody(body, true);
  if (refusal.status != 0) return Refused(refusal);
  return PipedriveOk(OrganizationV2(account.CreateOrganization(body, true)));
}

Reply PatchOrganization(PipedriveAccount& account, const Call& call) {
  Organization* o = account.FindOrganization(call.ParamInt("id").value_or(0));
  if (o == nullptr || o->deleted) return PipedriveFail(404, "Organization not found");
  const json body = json::parse(call.request.body);
  const Refusal refusal = CheckOrganizationBody(body, false);
  if (refusal.status != 0) return Refused(refusal);
  account.PatchOrganization(*o, body, true);
  return PipedriveOk(OrganizationV2(*o));
}

Reply DeleteOrganization(PipedriveAccount& account, const Call& call) {
  Organization* o = account.FindOrganization(call.ParamInt("id").value_or(0));
  if (o == nullptr || o->deleted) return PipedriveFail(404, "Organization not found");
  account.DeleteOrganization(*o, true);
  return PipedriveOk({{"id", o->id}});
}

std::string StatusOf(const Deal& deal) {
  return deal.deleted                       ? "deleted"
         : deal.status == DealStatus::kWon  ? "won"
         : deal.status == DealStatus::kLost ? "lost"
                                            : "open";
}

Reply ListDeals(PipedriveAccount& account, const Call& call, bool archived) {
  ListQuery query;
  if (std::string wrong = ParseListQuery(call, kMaxLimit, query); !wrong.empty()) {
    return Invalid(wrong);
  }
  std::set<std::string> statuses;
  for (const std::string& s : SplitComma(call.Query("status").value_or(""))) statuses.insert(s);
  for (const std::string& s : statuses) {
    if (s != "open" && s != "won" && s != "lost" && s != "deleted") return Invalid("status");
  }
  const auto fits = [&call](const char* name, int64_t value) {
    const int64_t wanted = call.QueryInt(name, 0);
    return wanted == 0 || wanted == value;
  };
  const int64_t now = account.NowSeconds();
  const auto page = SelectPage(account.deals, query, [&](const Deal& d) {
    if (d.archived != archived) return false;
    if (d.deleted && d.update_time < now - kDeletedShown) return false;
    if (statuses.empty() ? d.deleted : statuses.count(StatusOf(d)) == 0) return false;
    if (query.by_filter) return true;
    return fits("owner_id", d.owner) && fits("person_id", d.person) && fits("org_id", d.org) &&
           fits("pipeline_id", d.pipeline) && fits("stage_id", d.stage);
  });
  return Render(page, DealV2);
}

Reply CreateDeal(PipedriveAccount& account, const Call& call) {
  const json body = json::parse(call.request.body);
  const Refusal refusal = CheckDealBody(account, body, true);
  if (refusal.status != 0) return Refused(refusal);
  return PipedriveOk(DealV2(account.CreateDeal(body, true)));
}

Reply PatchDeal(PipedriveAccount& account, const Call& call) {
  Deal* deal = account.FindDeal(call.ParamInt("id").value_or(0));
  if (deal == nullptr || deal->deleted) return PipedriveFail(404, "Deal not found");
  if (deal->archived) return PipedriveFail(403, "Archived deals cannot be edited");
  const json body = json::parse(call.request.body);
  const Refusal refusal = CheckDealBody(account, body, false);
  if (refusal.status != 0) return Refused(refusal);
  account.PatchDeal(*deal, body, true);
  return PipedriveOk(DealV2(*deal));
}

Reply DeleteDeal(PipedriveAccount& account, const Call& call) {
  Deal* deal = account.FindDeal(call.ParamInt("id").value_or(0));
  if (deal == nullptr || deal->deleted) return PipedriveFail(404, "Deal not found");
  account.DeleteDeal(*deal, true);
  return PipedriveOk({{"id", deal->id}});
}

Reply ListActivities(PipedriveAccount& account, const Call& call) {
  ListQuery query;
  if (std::string wrong = ParseListQuery(call, kMaxLimit, query); !wrong.empty()) {
    return Invalid(wrong);
  }
  const auto fits = [&call](const char* name, int64_t value) {
    const int64_t wanted = call.QueryInt(name, 0);
    return wanted == 0 || wanted == value;
  };
  const auto done = call.Query("done");
  const auto page = SelectPage(account.activities, query, [&](const Activity& a) {
    return !a.deleted && fits("owner_id", a.owner) && fits("person_id", a.person) &&
           fits("deal_id", a.deal) && fits("org_id", a.org) &&
           (!done || (*done == "true") == a.done);
  });
  return Render(page, ActivityV2);
}

Reply GetActivity(PipedriveAccount& account, const Call& call) {
  const Activity* a = account.FindActivity(call.ParamInt("id").value_or(0));
  if (a == nullptr) return PipedriveFail(404, "Activity not found");
  return PipedriveOk(ActivityV2(*a));
}

Reply CreateActivity(PipedriveAccount& account, const Call& call) {
  const json body = json::parse(call.request.body);
  const Refusal refusal = CheckActivityBody(account, body, true);
  if (refusal.status != 0) return Refused(refusal);
  return PipedriveOk(ActivityV2(account.CreateActivity(body, true)));
}

Reply ListOf(const json& rows) {
  return JsonReply(
      200, {{"success", true}, {"data", rows}, {"additional_data", {{"next_cursor", nullptr}}}});
}

Reply OneOf(const json& rows, const Call& call, const char* missing) {
  const auto id = call.ParamInt("id");
  for (const json& row : rows) {
    if (id && row["id"] == *id) return PipedriveOk(row);
  }
  return PipedriveFail(404, missing);
}

void AddOrganizationRoutes(PipedriveAccount& account, Router& router) {
  const std::vector<std::string> view = {"include_fields", "custom_fields", "include_option_labels",
                                         "include_labels"};
  router.Add({"GET", "/api/v2/organizations", kListParameters, 10,
              [&](const Call& call) { return ListOrganizations(account, call); }});
  router.Add({"POST", "/api/v2/organizations", {}, 5, [&](const Call& call) {
                return CreateOrganization(account, call);
              }});
  router.Add({"GET", "/api/v2/organizations/{id}", view, 1,
              [&](const Call& call) { return GetOrganization(account, call); }});
  router.Add({"PATCH", "/api/v2/organizations/{id}", {}, 5, [&](const Call& call) {
                return PatchOrganization(account, call);
              }});
  router.Add({"DELETE", "/api/v2/organizations/{id}", {}, 3, [&](const Call& call) {
                return DeleteOrganization(account, call);
              }});
}

void AddDealRoutes(PipedriveAccount& account, Router& router) {
  std::vector<std::string> list = kListParameters;
  list.insert(list.end(), {"person_id", "org_id", "pipeline_id", "stage_id", "status"});
  router.Add({"GET", "/api/v2/deals", list, 10,
              [&](const Call& call) { return ListDeals(account, call, false); }});
  router.Add({"GET", "/api/v2/deals/archived", list, 20,
              [&](const Call& call) { return ListDeals(account, call, true); }});
  router.Add({"GET",
              "/api/v2/deals/{id}",
              {"include_fields", "custom_fields", "include_option_labels", "include_labels"},
              1,
              [&](const Call& call) {
                const Deal* deal = account.FindDeal(call.ParamInt("id").value_or(0));
                return deal == nullptr ? PipedriveFail(404, "Deal not found")
                                       : PipedriveOk(DealV2(*deal));
              }});
  router.Add({"POST", "/api/v2/deals", {}, 5, [&](const Call& call) {
                return CreateDeal(account, call);
              }});
  router.Add({"PATCH", "/api/v2/deals/{id}", {}, 5, [&](const Call& call) {
                return PatchDeal(account, call);
              }});
  router.Add({"DELETE", "/api/v2/deals/{id}", {}, 3, [&](const Call& call) {
                return DeleteDeal(account, call);
              }});
}

}  // namespace

void AddPipedriveRecordRoutes(World& world, Router& router) {
  PipedriveAccount& account = world.pipedrive;
  AddOrganizationRoutes(account, router);
  AddDealRoutes(account, router);
  const std::vector<std::string> activity_list = {
      "filter_id",      "ids",   "owner_id",      "deal_id",       "lead_id", "person_id",
      "org_id",         "done",  "updated_since", "updated_until", "sort_by", "sort_direction",
      "include_fields", "limit", "cursor"};
  router.Add({"GET", "/api/v2/activities", activity_list, 10,
              [&account](const Call& call) { return ListActivities(account, call); }});
  router.Add(
      {"GET", "/api/v2/activities/{id}", {"include_fields"}, 1, [&account](const Call& call) {
         return GetActivity(account, call);
       }});
  router.Add({"POST", "/api/v2/activities", {}, 5, [&account](const Call& call) {
                return CreateActivity(account, call);
              }});
  const std::vector<std::string> plain = {"sort_by", "sort_direction", "limit", "cursor"};
  router.Add(
      {"GET", "/api/v2/pipelines", plain, 5, [](const Call&) { return ListOf(PipelinesV2()); }});
  router.Add({"GET", "/api/v2/pipelines/{id}", {}, 1, [](const Call& call) {
                return OneOf(PipelinesV2(), call, "Pipeline not found");
              }});
  router.Add({"GET",
              "/api/v2/stages",
              {"pipeline_id", "sort_by", "sort_direction", "limit", "cursor"},
              5,
              [](const Call& call) { return ListOf(StagesV2(call.QueryInt("pipeline_id", 0))); }});
  router.Add({"GET", "/api/v2/stages/{id}", {}, 1, [](const Call& call) {
                return OneOf(StagesV2(0), call, "Stage not found");
              }});
}

}  // namespace sandbox
