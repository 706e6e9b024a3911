#pragma once

#include <string>
#include <string_view>

#include "base/process.h"
#include "metrics/registry.h"

namespace connector::metrics {

// Which release runs since when, and what it uses. `started_unix_seconds`: of real time.
void AddProcessMetrics(Registry& registry, std::string version, double started_unix_seconds);

// Transactions that the store could not make. Any thread.
class StoreMetrics {
 public:
  explicit StoreMetrics(Registry& registry);

  // `operation`: "read" or "write"; `code` from a closed list.
  void OnError(std::string_view operation, std::string_view code) {
    errors_.Add({operation, code});
  }

 private:
  Counter& errors_;
};

}  // namespace connector::metrics
