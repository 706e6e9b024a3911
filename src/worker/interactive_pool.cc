#include "worker/interactive_pool.h"

#include <algorithm>
#include <utility>

#include "base/status.h"

namespace connector::worker {
namespace {

// A work's part in the mean: about the last eight count.
constexpr int kMeanOf = 8;
// What a refused caller is told to wait at least: a fraction of what a vendor's answer takes.
constexpr Duration kShortestPushback = std::chrono::milliseconds(100);

absl::Status Busy(Duration wait) {
  return WithRetryAfter(
      WithReaction(absl::ResourceExhaustedError(
                       "too many calls wait for Pipedrive; none more can be served in time"),
                   Reaction::kRetry),
      std::max(wait, kShortestPushback));
}

}  // namespace

absl::Status Stopping() {
  return WithRetryAfter(absl::UnavailableError("the service is stopping"), std::chrono::seconds(1));
}

absl::Status ForCaller(const absl::Status& outcome, const std::stop_token& stop) {
  return absl::IsCancelled(outcome) && stop.stop_requested() ? Stopping() : outcome;
}

void InteractivePool::Start() {
  const std::lock_guard lock(mutex_);
  for (int i = 0; i < options_.threads; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { Loop(stop); });
  }
}

// Of one more work. Those idle are about to take what is queued.
Duration InteractivePool::ExpectedWait() const {
  const int64_t ahead = static_cast<int64_t>(queue_.size()) - idle_;
  return ahead < 0 ? Duration::zero() : mean_ * (ahead + 1) / options_.threads;
}

absl::Status InteractivePool::Post(Time deadline, Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return Stopping();
    const Duration wait = ExpectedWait();
    const bool too_late = wait > Duration::zero() && clock_.Now() + wait >= deadline;
    if (queue_.size() >= options_.queue || too_late) {
      return Busy(wait);
    }
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
  return absl::OkStatus();
}

void InteractivePool::Loop(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    if (closed_) drained_.notify_all();
    wake_.wait(lock, [this] { return !queue_.empty() || stopped_; });
    --idle_;
    if (queue_.empty()) return;
    const Work work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    const Time began = clock_.Now();
    work(stop);
    const Duration took = std::max(clock_.Now() - began, Duration(1));
    lock.lock();
    mean_ = mean_ == Duration::zero() ? took : mean_ + (took - mean_) / kMeanOf;
  }
}

void InteractivePool::Drain(Duration least, Duration most, Clock& clock) {
  const Time began = clock.Now();
  {
    std::unique_lock lock(mutex_);
    if (stopped_) return;
    closed_ = true;
    const auto busy = [this] {
      return !queue_.empty() || idle_ != static_cast<int>(threads_.size());
    };
    for (Duration left = most; left > Duration::zero() && busy();
         left = began + most - clock.Now()) {
      clock.WaitFor(drained_, lock, left);
    }
  }
  const Duration left = began + least - clock.Now();
  if (left > Duration::zero()) clock.SleepFor(left, {});
}

void InteractivePool::Stop() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    stopped_ = true;
    for (std::jthread& thread : threads_) thread.request_stop();
  }
  wake_.notify_all();
  threads_.clear();
}

}  // namespace connector::worker
