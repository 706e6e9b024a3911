#pragma once

// Sets of ids as sorted vectors.

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

namespace connector {

using SortedIds = std::vector<int64_t>;

inline SortedIds Union(const SortedIds& a, const SortedIds& b) {
  SortedIds out;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

inline SortedIds Difference(const SortedIds& a, const SortedIds& b) {
  SortedIds out;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

inline SortedIds Intersection(const SortedIds& a, const SortedIds& b) {
  SortedIds out;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

}  // namespace connector
