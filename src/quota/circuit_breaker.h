#pragma once

#include <cstdint>
#include <mutex>
#include <string_view>

#include "base/clock.h"

namespace connector::quota {

// Keeps an API that does not answer from eating the workers: opens when more than half of at least
// `minimum_calls` calls of the last one to two spans failed, then lets one call through at a time
// to see whether it is back. A failure is a transport error or a 5xx, never a refusal. Any thread.
class CircuitBreaker {
 public:
  struct Options {
    double failure_share = 0.5;
    int64_t minimum_calls = 20;
    Duration span = std::chrono::seconds(30);
    Duration open_for = std::chrono::seconds(10);  // doubles while the probes fail
    Duration longest_open = std::chrono::minutes(2);
  };
  enum class State { kClosed, kHalfOpen, kOpen };

  explicit CircuitBreaker(Options options) : options_(options) {}

  // Zero: the call may be made, and its outcome must be reported. Else: how long to stay away.
  Duration Admit(Time now);

  // Each returns true if the circuit changed its state by it.
  bool OnSuccess(Time now);
  bool OnFailure(Time now);
  void OnNotMade(Time now);  // an admitted call that was not made after all

  State state(Time now);

 private:
  struct Counts {
    int64_t calls = 0;
    int64_t failures = 0;
  };

  void Turn(Time now);
  bool TooManyFailures() const;
  void Open(Time now);

  const Options options_;
  std::mutex mutex_;  // guards what follows
  State state_ = State::kClosed;
  Counts before_;
  Counts now_;
  Time span_start_{};
  Time open_until_{};
  Duration open_for_{};
  bool probing_ = false;
  Time probe_since_{};
};

std::string_view CircuitStateName(CircuitBreaker::State state);

}  // namespace connector::quota
