// Reading leads, which only API v1 has.

#include <algorithm>

#include "pipedrive_json.h"
#include "pipedrive_validation.h"
#include "replies.h"
#include "routes.h"
#include "text.h"
#include "v1_paging.h"

namespace sandbox {
namespace {

using nlohmann::json;

// Ascending by a field of the description, which allows no direction; false for anything else.
bool SortLeads(std::vector<const Lead*>& leads, const std::string& sort) {
  if (sort != "add_time" && sort != "update_time" && sort != "id" && sort != "title") return false;
  const auto key = [&sort](const Lead* lead) -> std::pair<int64_t, std::string> {
    if (sort == "add_time") return {lead->add_millis, lead->id};
    if (sort == "update_time") return {lead->update_millis, lead->id};
    return {0, sort == "id" ? lead->id : lead->title};
  };
  std::stable_sort(leads.begin(), leads.end(),
                   [&](const Lead* x, const Lead* y) { return key(x) < key(y); });
  return true;
}

Reply ListLeads(PipedriveAccount& account, const Call& call, bool archived) {
  const Paging paging = ParsePaging(call);
  if (!paging.wrong.empty()) return PipedriveFail(400, paging.wrong);
  const int64_t person = call.QueryInt("person_id", 0);
  const int64_t org = call.QueryInt("organization_id", 0);
  const auto since = ParseRfc3339Millis(call.Query("updated_since").value_or(""), true);
  const std::string sort = call.Query("sort").value_or("add_time");
  std::vector<const Lead*> sorted;
  for (const Lead& lead : account.leads) sorted.push_back(&lead);
  if (!SortLeads(sorted, sort)) return PipedriveFail(400, "sort is not valid");
  if (archived && since) return PipedriveFail(400, "\"updated_since\" is not allowed");
  json data = json::array();
  int64_t seen = 0;
  for (const Lead* one : sorted) {
    const Lead& lead = *one;
    if (lead.deleted || lead.archived != archived || (person != 0 && lead.person != person) ||
        (org != 0 && lead.org != org) || (since && lead.update_millis < *since)) {
      continue;
    }
    if (seen++ >= paging.start && seen <= paging.start + paging.limit) data.push_back(LeadV1(lead));
  }
  const bool more = seen > paging.start + paging.limit;
  // Declared flat; the live API is also seen to nest it (facts section 2). Here: flat only.
  return JsonReply(
      200,
      {{"success", true},
       {"data", data},
       {"additional_data",
        {{"start", paging.start}, {"limit", paging.limit}, {"more_items_in_collection", more}}}});
}

Reply GetLead(PipedriveAccount& account, const Call& call) {
  for (const Lead& lead : account.leads) {
    if (lead.id == call.params.at("id") && !lead.deleted) return PipedriveOk(LeadV1(lead));
  }
  return PipedriveFail(404, "Lead not found");
}

}  // namespace

void AddPipedriveLeadRoutes(World& world, Router& router) {
  PipedriveAccount& account = world.pipedrive;
  const std::vector<std::string> leads = {
      "limit",           "start",     "owner_id",      "person_id",
      "organization_id", "filter_id", "updated_since", "sort"};
  router.Add({"GET", "/api/v1/leads", leads, 20,
              [&account](const Call& call) { return ListLeads(account, call, false); }});
  router.Add({"GET", "/api/v1/leads/archived", leads, 40,
              [&account](const Call& call) { return ListLeads(account, call, true); }});
  router.Add({"GET", "/api/v1/leads/{id}", {}, 2, [&account](const Call& call) {
                return GetLead(account, call);
              }});
  router.Add({"GET", "/api/v1/leadLabels", {}, 10, [](const Call&) {
                return PipedriveOk(json::array({{{"id", "f08b42a0-4e75-11ea-9643-03698ef1cfd6"},
                                                 {"name", "Hot"},
                                                 {"color", "red"},
                                                 {"add_time", "2020-02-13T15:31:44.000Z"},
                                                 {"update_time", "2020-02-13T15:31:44.000Z"}}}));
              }});
}

}  // namespace sandbox
