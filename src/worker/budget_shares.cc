#include "worker/budget_shares.h"

#include "quota/ledger.h"

namespace connector::worker {

void BudgetShares::Start() {
  if (shares_.empty()) return;
  TakeAll();
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (clock_.SleepFor(quota::kLedgerInterval, stop)) TakeAll();
  });
}

void BudgetShares::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void BudgetShares::TakeAll() {
  std::string trouble;
  for (const Share& share : shares_) {
    const absl::Status taken = share();
    if (!taken.ok()) trouble = taken.ToString();
  }
  if (trouble != told_ && !trouble.empty()) {
    log_.Error("cannot share the budget with the other replicas", {{"error", trouble}});
  }
  told_ = std::move(trouble);
}

}  // namespace connector::worker
