#include "worker/status_history.h"

#include <utility>

namespace connector::worker {

void StatusHistory::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    do Take();
    while (clock_.SleepFor(kInterval, stop));
  });
}

void StatusHistory::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void StatusHistory::Take() {
  const std::vector<Sample> samples = read_();
  const std::lock_guard lock(mutex_);
  Moment moment{clock_.Now(), {}};
  for (const Sample& sample : samples) {
    auto known = index_.find(sample.series);
    if (known == index_.end()) {
      if (index_.size() >= kMostSeries) continue;
      known = index_.emplace(sample.series, index_.size()).first;
    }
    if (moment.values.size() <= known->second) moment.values.resize(known->second + 1);
    moment.values[known->second] = sample.value;
  }
  moments_.push_back(std::move(moment));
  if (moments_.size() > kMostSamples) moments_.pop_front();
}

StatusHistory::Snapshot StatusHistory::Get() const {
  const std::lock_guard lock(mutex_);
  Snapshot snapshot;
  for (const Moment& moment : moments_) snapshot.times.push_back(moment.at);
  for (const auto& [name, index] : index_) {
    std::vector<std::optional<double>>& values = snapshot.series[name];
    for (const Moment& moment : moments_) {
      values.push_back(index < moment.values.size() ? moment.values[index] : std::nullopt);
    }
  }
  return snapshot;
}

}  // namespace connector::worker
