#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metrics/registry.h"

namespace connector::metrics {

// One limit of one credential as it stands.
struct LimitReading {
  std::string_view name;
  double limit = 0;
  double remaining = 0;
  double headroom_ratio = 0;
  double reset_seconds = 0;
  double exhaustion_seconds = -1;  // negative: not in sight
  double tokens_spent = -1;        // negative: this limit does not count tokens
  bool estimate = false;
};

// One rate budget as it stands.
struct BudgetReading {
  std::string_view api;
  std::string connection;
  std::vector<LimitReading> limits;
  std::vector<std::pair<std::string_view, int>> waiting;  // callers by priority
  std::string_view pause;                                 // why the account stands still, or empty
  double pause_seconds = 0;                               // for how long yet
  bool refused = false;  // the vendor refuses the credential, and the account rests
};

// The headroom of every budget, asked for when a page of metrics is made. `read` may be called from
// any thread and must outlive the registry.
void AddQuotaMetrics(Registry& registry, std::function<std::vector<BudgetReading>()> read);

}  // namespace connector::metrics
