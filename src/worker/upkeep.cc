#include "worker/upkeep.h"

namespace connector::worker {
namespace {

constexpr Duration kInterval = std::chrono::hours(1);
constexpr Duration kKept = std::chrono::hours(24 * 30);

}  // namespace

void Upkeep::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (clock_.SleepFor(kInterval, stop)) {
      const absl::StatusOr<int64_t> pruned = store_.Prune(clock_.Now() - kKept);
      if (!pruned.ok()) {
        log_.Error("cannot prune the store", {{"error", pruned.status().ToString()}});
      } else if (*pruned > 0) {
        log_.Info("store pruned", {{"rows", *pruned}});
      }
    }
  });
}

void Upkeep::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace connector::worker
