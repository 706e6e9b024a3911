#include "quota/circuit_breaker.h"

#include <algorithm>
#include <utility>

namespace connector::quota {
namespace {

// A probe whose outcome was never reported is forgotten then.
constexpr Duration kProbeLife = std::chrono::minutes(2);

}  // namespace

std::string_view CircuitStateName(CircuitBreaker::State state) {
  switch (state) {
    case CircuitBreaker::State::kClosed:
      return "closed";
    case CircuitBreaker::State::kHalfOpen:
      return "half_open";
    case CircuitBreaker::State::kOpen:
      break;
  }
  return "open";
}

void CircuitBreaker::Turn(Time now) {
  if (state_ == State::kOpen && (now >= open_until_ || open_until_ > now + options_.longest_open)) {
    state_ = State::kHalfOpen;
    probing_ = false;
  }
  if (now >= span_start_ && now < span_start_ + options_.span) return;
  before_ = now >= span_start_ && now < span_start_ + 2 * options_.span ? now_ : Counts{};
  now_ = Counts{};
  span_start_ = now;
}

bool CircuitBreaker::TooManyFailures() const {
  const int64_t calls = before_.calls + now_.calls;
  const int64_t failures = before_.failures + now_.failures;
  return calls >= options_.minimum_calls &&
         static_cast<double>(failures) > options_.failure_share * static_cast<double>(calls);
}

void CircuitBreaker::Open(Time now) {
  open_for_ = state_ == State::kHalfOpen ? std::min(open_for_ * 2, options_.longest_open)
                                         : options_.open_for;
  state_ = State::kOpen;
  open_until_ = now + open_for_;
  probing_ = false;
  before_ = now_ = Counts{};
}

Duration CircuitBreaker::Admit(Time now) {
  const std::lock_guard lock(mutex_);
  Turn(now);
  if (state_ == State::kClosed) return Duration::zero();
  if (state_ == State::kOpen) return open_until_ - now;
  if (probing_ && now < probe_since_ + kProbeLife) return std::chrono::seconds(1);
  probing_ = true;
  probe_since_ = now;
  return Duration::zero();
}

bool CircuitBreaker::OnSuccess(Time now) {
  const std::lock_guard lock(mutex_);
  Turn(now);
  ++now_.calls;
  if (state_ != State::kHalfOpen || !probing_) return false;
  state_ = State::kClosed;
  before_ = now_ = Counts{};
  return true;
}

bool CircuitBreaker::OnFailure(Time now) {
  const std::lock_guard lock(mutex_);
  Turn(now);
  ++now_.calls;
  ++now_.failures;
  const bool probe_failed = state_ == State::kHalfOpen && probing_;
  if (!probe_failed && !(state_ == State::kClosed && TooManyFailures())) return false;
  Open(now);
  return true;
}

void CircuitBreaker::OnNotMade(Time now) {
  const std::lock_guard lock(mutex_);
  Turn(now);
  if (state_ == State::kHalfOpen) probing_ = false;
}

CircuitBreaker::State CircuitBreaker::state(Time now) {
  const std::lock_guard lock(mutex_);
  Turn(now);
  return state_;
}

}  // namespace connector::quota
