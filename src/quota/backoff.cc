#include "quota/backoff.h"

#include <algorithm>

namespace connector::quota {

Duration BackoffDelay(const BackoffPolicy& policy, int failures,
                      std::optional<Duration> retry_after, Random& random) {
  constexpr int kMostDoublings = 20;
  const int doublings = std::clamp(failures - 1, 0, kMostDoublings);
  const Duration ceiling = retry_after.has_value()
                               ? policy.initial
                               : std::min(policy.initial * (int64_t{1} << doublings), policy.max);
  const auto jitter = random.Below(static_cast<uint64_t>(ceiling.count()) + 1);
  return std::max(retry_after.value_or(Duration::zero()), Duration::zero()) +
         Duration(static_cast<Duration::rep>(jitter));
}

}  // namespace connector::quota
