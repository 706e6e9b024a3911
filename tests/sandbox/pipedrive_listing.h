// Lists of API v2: filters, sorting by one key, opaque keyset cursors (facts section 2).
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "http_message.h"
#include "router.h"

namespace sandbox {

struct ListQuery {
  int64_t limit = 100;
  std::string sort = "id";  // id | update_time | add_time
  bool descending = false;
  std::optional<int64_t> since, until;  // seconds; since <= update_time < until
  std::set<int64_t> ids;                // empty: all
  bool has_cursor = false;
  int64_t cursor_value = 0, cursor_id = 0;
  bool by_filter = false;  // filter_id given: the quick filters are ignored
};

// The parameters all lists share. An error text, "" if they are fine.
std::string ParseListQuery(const Call& call, int64_t max_limit, ListQuery& query);
// A comma list; empty if the parameter is absent.
std::vector<std::string> SplitComma(const std::string& text);
std::string MakeCursor(const ListQuery& query, int64_t value, int64_t id);
// {"success":true,"data":[<data>],"additional_data":{"next_cursor":...}}
Reply ListReply(std::string data, const std::string& next_cursor);

inline const std::vector<std::string> kListParameters = {"filter_id",      "ids",
                                                         "owner_id",       "updated_since",
                                                         "updated_until",  "sort_by",
                                                         "sort_direction", "include_fields",
                                                         "custom_fields",  "include_option_labels",
                                                         "include_labels", "limit",
                                                         "cursor"};

template <typename T>
int64_t SortValue(const T& record, const std::string& sort) {
  if (sort == "update_time") return record.update_time;
  if (sort == "add_time") return record.add_time;
  return record.id;
}

template <typename T>
struct ListPage {
  std::vector<const T*> records;
  std::string next_cursor;  // "": the end
};

// The records after the cursor that fit the query and `accept`, in order, cut to the limit.
template <typename T, typename Accept>
ListPage<T> SelectPage(const std::deque<T>& all, const ListQuery& q, Accept accept) {
  using Key = std::pair<int64_t, int64_t>;
  const auto key = [&q](const T& r) { return Key(SortValue(r, q.sort), r.id); };
  const auto before = [&](const T* a, const T* b) {
    return q.descending ? key(*b) < key(*a) : key(*a) < key(*b);
  };
  const Key cursor(q.cursor_value, q.cursor_id);
  const size_t wanted = static_cast<size_t>(q.limit) + 1;
  const bool in_order = q.sort == "id" && !q.descending;
  ListPage<T> page;
  // Ids are places in the deque, so that a walk by id starts where it stopped.
  const size_t first = in_order && q.has_cursor ? static_cast<size_t>(q.cursor_id) : 0;
  for (size_t i = first; i < all.size(); ++i) {
    const T& r = all[i];
    if (q.since && r.update_time < *q.since) continue;
    if (q.until && r.update_time >= *q.until) continue;
    if (!q.ids.empty() && q.ids.count(r.id) == 0) continue;
    if (q.has_cursor && (q.descending ? !(key(r) < cursor) : !(cursor < key(r)))) continue;
    if (!accept(r)) continue;
    page.records.push_back(&r);
    if (in_order && page.records.size() == wanted) break;
  }
  const size_t keep = std::min(wanted, page.records.size());
  if (!in_order) {
    std::partial_sort(page.records.begin(), page.records.begin() + static_cast<int64_t>(keep),
                      page.records.end(), before);
  }
  page.records.resize(keep);
  if (keep == wanted) {
    page.records.pop_back();
    const T& last = *page.records.back();
    page.next_cursor = MakeCursor(q, SortValue(last, q.sort), last.id);
  }
  return page;
}

}  // namespace sandbox
