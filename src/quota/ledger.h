#pragma once

// How several processes share one account's budget without asking anyone before each call: each
// says every few seconds that it is there and what it spent, and learns how many they are; it may
// use its equal part of every window.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/clock.h"

namespace connector::quota {

// How often a member reports, and how long it counts after its last report. A member that could not
// report for kLedgerMemberLife spends nothing: the others have its part by then.
inline constexpr Duration kLedgerInterval = std::chrono::seconds(5);
inline constexpr Duration kLedgerMemberLife = std::chrono::seconds(15);

struct SpendReport {
  std::string_view account;  // the connection and the API
  std::string_view member;   // unique to the process
  std::string_view day;      // of the tokens: "2026-11-24"
  int64_t tokens = 0;        // spent since the member's last report that succeeded
};

struct Slice {
  int64_t members = 1;       // that count now, the reporting one included
  bool may_spend = true;     // false until the others must have heard of this member
  int64_t tokens_spent = 0;  // by all members on the reported day
};

// Kept where all members can reach it. Every method may be called from any thread and may block.
class Ledger {
 public:
  virtual ~Ledger() = default;

  // Adds the tokens, renews the member's life and returns how things stand. A member is new if it
  // did not count before this report; it counts at once, but may_spend is false while it is younger
  // than kLedgerMemberLife and not alone. Errors: the store's.
  virtual absl::StatusOr<Slice> Report(const SpendReport& report) = 0;
};

}  // namespace connector::quota
