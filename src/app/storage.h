#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "config/config.h"
#include "quota/ledger.h"
#include "store/store.h"

namespace connector::app {

struct Storage {
  std::unique_ptr<store::Store> store;
  // By which replicas share budgets; null where the state can't be shared.
  std::unique_ptr<quota::Ledger> ledger;
};

// What store.url says. Errors name the setting. The clock outlives it.
absl::StatusOr<Storage> OpenStorage(
    const config::Config& config, const Clock& clock,
    const std::function<void(std::string_view operation, std::string_view code)>& on_error);

}  // namespace connector::app
