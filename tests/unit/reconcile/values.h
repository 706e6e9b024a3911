#pragma once

// Short forms for the tests of this directory.

#include <optional>
#include <string>
#include <string_view>

#include "model/value.h"
#include "reconcile/merge.h"

namespace connector::reconcile {

inline Value Text(std::string_view text) {
  return text.empty() ? Value() : Value(std::string(text));
}

inline const Same& ExactlySame() {
  static const Same same = [](const Value& a, const Value& b) { return a == b; };
  return same;
}

inline MergeDecision MergeExactly(const MergeInput& input) { return Merge(input, ExactlySame()); }

}  // namespace connector::reconcile
