#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"

namespace connector::store {

// The handles of a database that read: whoever comes waits for one that is idle. Any thread.
template <typename Handle>
class ReaderPool {
 public:
  // Before the first With().
  void Add(std::unique_ptr<Handle> handle) {
    idle_.push_back(handle.get());
    handles_.push_back(std::move(handle));
  }
  bool empty() const { return handles_.empty(); }

  template <typename Work>
  auto With(Work&& work) {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [this] { return !idle_.empty(); });
    Handle* const handle = idle_.back();
    idle_.pop_back();
    lock.unlock();
    const auto give_back = absl::MakeCleanup([this, handle] {
      {
        const std::lock_guard relock(mutex_);
        idle_.push_back(handle);
      }
      freed_.notify_one();
    });
    return std::forward<Work>(work)(*handle);
  }

 private:
  std::mutex mutex_;  // guards idle_
  std::condition_variable freed_;
  std::vector<Handle*> idle_;
  std::vector<std::unique_ptr<Handle>> handles_;
};

}  // namespace connector::store
