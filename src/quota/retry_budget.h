#pragma once

#include <mutex>

#include "base/clock.h"

namespace connector::quota {

// Keeps retries of one account from multiplying the load on an API that fails: every retry takes a
// token, every success and every second bring some back. An empty bucket delays the retry; it never
// refuses it, so no job fails because of others. Any thread.
class RetryBudget {
 public:
  struct Options {
    double capacity = 100;
    double per_success = 0.5;  // up to a third of all calls may fail for ever without any delay
    double per_second = 1;
    Duration longest_delay = std::chrono::minutes(1);
  };

  explicit RetryBudget(Options options) : options_(options), tokens_(options.capacity) {}

  void OnSuccess(Time now);

  // Takes a token and returns how long the retry must wait for it, zero if it was there.
  Duration TakeRetry(Time now);

  double Tokens(Time now);

 private:
  void Refill(Time now);

  const Options options_;
  std::mutex mutex_;  // guards what follows
  double tokens_;     // below zero: retries already promised a later token
  Time last_{};
};

}  // namespace connector::quota
