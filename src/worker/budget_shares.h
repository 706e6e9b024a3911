#pragma once

#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/clock.h"
#include "base/log.h"

namespace connector::worker {

// Keeps this replica's part of every budget: reports to the ledger that the replicas share and
// learns how many they are. Where the ledger can't be reached for a while the budget grants
// nothing, by itself (quota/ledger.h).
class BudgetShares {
 public:
  // Takes one account's part; blocks.
  using Share = std::function<absl::Status()>;

  // The clock and the log outlive it.
  BudgetShares(std::vector<Share> shares, Clock& clock, const Logger& log)
      : shares_(std::move(shares)), clock_(clock), log_(log) {}

  // Takes the first parts before it returns: nothing is spent without one from then on.
  void Start();
  void Stop();

 private:
  void TakeAll();

  const std::vector<Share> shares_;
  Clock& clock_;
  const Logger& log_;
  std::string told_;  // the trouble that is in the log already
  std::jthread thread_;
};

}  // namespace connector::worker
