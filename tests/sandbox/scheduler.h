// Work due later on the sandbox clock: import jobs, webhook deliveries. The server pumps it, and
// every request runs what is due first, so that a manual clock needs no waiting.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "clock.h"

namespace sandbox {

class Scheduler {
 public:
  explicit Scheduler(const Clock& clock) : clock_(clock) {}

  void At(Micros due, std::function<void()> work) {
    queue_.emplace(std::make_pair(due, ++sequence_), std::move(work));
    if (on_change_) on_change_();
  }
  void After(Micros delay, std::function<void()> work) {
    At(clock_.Now() + delay, std::move(work));
  }

  void RunDue() {
    while (!queue_.empty() && queue_.begin()->first.first <= clock_.Now()) {
      auto node = queue_.extract(queue_.begin());
      node.mapped()();
    }
  }

  std::optional<Micros> NextDue() const {
    if (queue_.empty()) return std::nullopt;
    return queue_.begin()->first.first;
  }

  void set_on_change(std::function<void()> fn) { on_change_ = std::move(fn); }

 private:
  const Clock& clock_;
  uint64_t sequence_ = 0;
  std::map<std::pair<Micros, uint64_t>, std::function<void()>> queue_;
  std::function<void()> on_change_;
};

}  // namespace sandbox
