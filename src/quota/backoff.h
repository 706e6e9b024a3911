#pragma once

#include <optional>

#include "base/clock.h"
#include "base/random.h"

namespace connector::quota {

struct BackoffPolicy {
  Duration initial = std::chrono::milliseconds(500);
  Duration max = std::chrono::seconds(30);
};

// The wait before the next attempt when `failures` (from 1) attempts have failed: full jitter,
// uniform in [0, min(max, initial * 2^(failures - 1))]. A vendor's retry-after is added below it,
// so that it is never undercut and callers told the same time do not come back together.
Duration BackoffDelay(const BackoffPolicy& policy, int failures,
                      std::optional<Duration> retry_after, Random& random);

}  // namespace connector::quota
