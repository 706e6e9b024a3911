#include "reconcile/lists.h"

#include <algorithm>

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

}  // namespace

ListDecision DecideLists(const ContactState& state, const std::vector<ListReason>& wanted) {
  ListDecision decision;
  const std::vector<int64_t> ids = WantedIds(wanted);
  for (const int64_t id : ids) {
    if (Contains(state.lists, id)) continue;
    (Contains(state.lists_left, id) ? decision.respected : decision.join).push_back(id);
  }
  for (const int64_t id : state.lists_put) {
    if (Contains(state.lists, id) && !Contains(ids, id)) decision.leave.push_back(id);
  }
  return decision;
}

}  // namespace connector::reconcile
