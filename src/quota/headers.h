#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "quota/operation.h"

namespace connector::quota {

// What an answer says about the limits. The http layer reads it from the headers; a value that is
// missing, not a number or negative is absent. Nothing here has been checked for sense.
struct QuotaHeaders {
  std::optional<int64_t> limit;          // x-ratelimit-limit, x-sib-ratelimit-limit
  std::optional<int64_t> remaining;      // x-ratelimit-remaining, x-sib-ratelimit-remaining
  std::optional<Duration> reset;         // from now: x-ratelimit-reset, x-sib-ratelimit-reset
  std::optional<int64_t> day_limit;      // x-daily-ratelimit-token-limit
  std::optional<int64_t> day_remaining;  // x-daily-ratelimit-token-remaining
  std::optional<Duration> retry_after;   // from now
  bool json = true;                      // the body is declared to be JSON
};

// Why an API did not serve a call.
enum class Throttle {
  kNone,
  kBurst,    // 429: a window of seconds is full
  kHourly,   // 429: a window of an hour is full
  kDaily,    // 429: the day's tokens are spent; every call is refused until the reset
  kBlocked,  // 403 that is not JSON: the vendor's edge has shut out the credential
};
inline constexpr int kThrottleKinds = 5;

std::string_view ThrottleName(Throttle throttle);

// Reads a refusal. Pipedrive documents no body of a 429, so the headers decide: too few tokens for
// the call means the day; without token headers room left in the window means the day, as in
// Singer's tap; else it is a burst. kHourly is told apart only by the budget, which knows the
// windows.
Throttle ClassifyThrottle(const Operation& operation, int status, const QuotaHeaders& headers);

}  // namespace connector::quota
