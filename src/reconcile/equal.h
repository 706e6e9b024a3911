#pragma once

#include "model/value.h"
#include "reconcile/merge.h"

namespace connector::reconcile {

// Empty equals empty whatever form it has; `same` is asked only about two values.
inline bool Equal(const Same& same, const Value& a, const Value& b) {
  if (IsEmpty(a) || IsEmpty(b)) return IsEmpty(a) && IsEmpty(b);
  return same(a, b);
}

}  // namespace connector::reconcile
