#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"

namespace connector::worker {

// The last hour of some figures, in memory: one sample of each every thirty seconds. Any thread.
class StatusHistory {
 public:
  struct Sample {
    std::string series;  // "default/pipedrive/burst"
    double value = 0;
  };
  using Read = std::function<std::vector<Sample>()>;

  static constexpr Duration kInterval = std::chrono::seconds(30);
  static constexpr size_t kMostSamples = 120;
  // Further ones are left out.
  static constexpr size_t kMostSeries = 200;

  // Both outlive it. `read` is called by one thread of its own.
  StatusHistory(Read read, Clock& clock) : read_(std::move(read)), clock_(clock) {}
  ~StatusHistory() { Stop(); }

  // Takes the first sample at once.
  void Start();
  void Stop();

  // Takes one sample of everything: what the thread does.
  void Take();

  // All series over the same moments, the oldest first; nullopt where a series had no value.
  struct Snapshot {
    std::vector<Time> times;
    std::map<std::string, std::vector<std::optional<double>>> series;
  };
  Snapshot Get() const;

 private:
  struct Moment {
    Time at;
    std::vector<std::optional<double>> values;  // by index; series found later have none
  };

  const Read read_;
  Clock& clock_;
  mutable std::mutex mutex_;             // guards what follows
  std::map<std::string, size_t> index_;  // of a series in Moment::values
  std::deque<Moment> moments_;
  std::jthread thread_;
};

}  // namespace connector::worker
