#include "quota/retry_budget.h"

#include <algorithm>

namespace connector::quota {

void RetryBudget::Refill(Time now) {
  if (now > last_ && last_ != Time{}) {
    const double seconds = std::chrono::duration<double>(now - last_).count();
    tokens_ = std::min(tokens_ + seconds * options_.per_second, options_.capacity);
  }
  last_ = now;
}

void RetryBudget::OnSuccess(Time now) {
  const std::lock_guard lock(mutex_);
  Refill(now);
  tokens_ = std::min(tokens_ + options_.per_success, options_.capacity);
}

Duration RetryBudget::TakeRetry(Time now) {
  const std::lock_guard lock(mutex_);
  Refill(now);
  const double longest = std::chrono::duration<double>(options_.longest_delay).count();
  tokens_ = std::max(tokens_ - 1, -longest * options_.per_second);
  if (tokens_ >= 0) return Duration::zero();
  const std::chrono::duration<double> delay(-tokens_ / options_.per_second);
  return std::min(std::chrono::duration_cast<Duration>(delay), options_.longest_delay);
}

double RetryBudget::Tokens(Time now) {
  const std::lock_guard lock(mutex_);
  Refill(now);
  return tokens_;
}

}  // namespace connector::quota
