#include "quota/headers.h"

#include <array>

namespace connector::quota {

std::string_view ThrottleName(Throttle throttle) {
  static constexpr std::array<std::string_view, kThrottleKinds> kNames = {"none", "burst", "hourly",
                                                                          "daily", "blocked"};
  return kNames[static_cast<size_t>(throttle)];
}

Throttle ClassifyThrottle(const Operation& operation, int status, const QuotaHeaders& headers) {
  if (status == 403 && !headers.json) return Throttle::kBlocked;
  if (status != 429) return Throttle::kNone;
  if (operation.api == Api::kBrevo) return Throttle::kBurst;
  const int64_t window_left = headers.remaining.value_or(0);
  if (headers.day_remaining.has_value()) {
    if (*headers.day_remaining <= 0) return Throttle::kDaily;
    const bool too_few = *headers.day_remaining < operation.tokens;
    return too_few && window_left >= 1 ? Throttle::kDaily : Throttle::kBurst;
  }
  return window_left >= 1 ? Throttle::kDaily : Throttle::kBurst;
}

}  // namespace connector::quota
