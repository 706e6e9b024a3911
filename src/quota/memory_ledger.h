#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "quota/ledger.h"

namespace connector::quota {

// A ledger for budgets inside one process, and the model of the durable ones. Any thread.
class MemoryLedger : public Ledger {
 public:
  explicit MemoryLedger(const Clock& clock) : clock_(clock) {}

  absl::StatusOr<Slice> Report(const SpendReport& report) override;

 private:
  struct Member {
    Time joined;
    Time last_report;
  };
  struct Account {
    std::map<std::string, Member, std::less<>> members;
    std::string day;  // only the latest is kept
    int64_t tokens_spent = 0;
  };

  const Clock& clock_;
  std::mutex mutex_;  // guards accounts_
  std::map<std::string, Account, std::less<>> accounts_;
};

}  // namespace connector::quota
