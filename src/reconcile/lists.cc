#include "reconcile/lists.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace connector::reconcile {
namespace {

bool Contains(const std::vector<int64_t>& sorted, int64_t id) {
  return std::binary_search(sorted.begin(), sorted.end(), id);
}

std::vector<int64_t> WantedIds(const std::vector<ListReason>& reasons) {
  std::vector<int64_t> ids;
  ids.reserve(reasons.size());
  for (const ListReason& reason : reasons) ids.push_back(reason.list_id);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

// A rule for the pipeline goes before one for any.
const DealLists::Rule* FindRule(const std::vector<DealLists::Rule>& rules, int64_t pipeline,
                                int64_t stage) {
  const DealLists::Rule* general = nullptr;
  for (const DealLists::Rule& rule : rules) {
    if (rule.stage_id != stage) continue;
    if (rule.pipeline_id == pipeline) return &rule;
    if (!rule.pipeline_id) general = &rule;
  }
  return general;
}

std::string NameOf(const DealLists::Rule& rule, std::string_view what) {
  return absl::StrCat(rule.pipeline_id ? absl::StrCat("pipeline ", *rule.pipeline_id, ", ") : "",
                      absl::string_view(what.data(), what.size()));
}

class Reasons {
 public:
  void Add(const std::vector<DealLists::Rule>& rules, const DealFacts::Place& place,
           std::string_view name, std::string why) {
    const DealLists::Rule* rule = FindRule(rules, place.pipeline_id, place.stage_id);
    if (rule != nullptr) Add(rule->list_id, NameOf(*rule, name), std::move(why));
  }
  void Add(int64_t list_id, std::string name, std::string why) {
    if (list_id != 0) reasons_.push_back({list_id, std::move(why), std::move(name)});
  }
  std::vector<ListReason> Take() { return std::move(reasons_); }

 private:
  std::vector<ListReason> reasons_;
};

}  // namespace

std::vector<int64_t> AllLists(const DealLists& lists) {
  std::vector<int64_t> ids;
  for (const auto* rules : {&lists.stages, &lists.won, &lists.lost}) {
    for (const DealLists::Rule& rule : *rules) ids.push_back(rule.list_id);
  }
  for (const int64_t id : {lists.customers, lists.churned}) {
    if (id != 0) ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

std::vector<std::string> NamesOf(const DealLists& lists, int64_t list_id) {
  std::vector<std::string> names;
  const auto add = [&](const std::vector<DealLists::Rule>& rules, std::string_view outcome) {
    for (const DealLists::Rule& rule : rules) {
      if (rule.list_id != list_id) continue;
      names.push_back(NameOf(
          rule, outcome.empty() ? absl::StrCat("stage ", rule.stage_id) : std::string(outcome)));
    }
  };
  add(lists.stages, "");
  add(lists.won, "won");
  add(lists.lost, "lost");
  if (lists.customers == list_id) names.emplace_back("customers");
  if (lists.churned == list_id) names.emplace_back("churned");
  return names;
}

std::vector<ListReason> DealReasons(const DealLists& lists, const DealFacts& deals) {
  Reasons reasons;
  for (const DealFacts::Place& place : deals.open_stages) {
    reasons.Add(lists.stages, place, absl::StrCat("stage ", place.stage_id),
                absl::StrCat("deal ", place.deal_id, " is in stage ", place.stage_id));
  }
  for (const DealFacts::Place& place : deals.won_pipelines) {
    reasons.Add(lists.won, place, "won", absl::StrCat("deal ", place.deal_id, " is won"));
  }
  if (!deals.won_pipelines.empty()) {
    reasons.Add(lists.customers, "customers",
                absl::StrCat("deal ", deals.won_pipelines.front().deal_id, " is won"));
  }
  if (deals.open > 0 || !deals.last_closed || deals.last_closed->won) return reasons.Take();
  const DealFacts::Closed& last = *deals.last_closed;
  const std::string why = absl::StrCat("no deal is open, and deal ", last.deal_id, " was lost");
  reasons.Add(lists.lost, {last.pipeline_id, 0, last.deal_id}, "lost", why);
  if (deals.won > 0) reasons.Add(lists.churned, "churned", why + " after a won one");
  return reasons.Take();
}

std::vector<ListReason> LeadReasons(int64_t qualified_leads, const std::vector<LeadFacts>& leads) {
  Reasons reasons;
  for (const LeadFacts& facts : leads) {
    if (!facts.newest) continue;
    reasons.Add(qualified_leads, "qualified_leads",
                absl::StrCat("lead ", facts.newest->id, " is open"));
  }
  return reasons.Take();
}

ListDecision DecideLists(const ContactState& state, const std::vector<ListReason>& wanted,
                         const std::vector<int64_t>& undecided) {
  ListDecision decision;
  const std::vector<int64_t> ids = WantedIds(wanted);
  for (const int64_t id : ids) {
    if (Contains(state.lists, id)) continue;
    (Contains(state.lists_left, id) ? decision.respected : decision.join).push_back(id);
  }
  for (const int64_t id : state.lists_put) {
    if (!Contains(state.lists, id) || Contains(ids, id) || Contains(undecided, id)) continue;
    decision.leave.push_back(id);
  }
  return decision;
}

}  // namespace connector::reconcile
