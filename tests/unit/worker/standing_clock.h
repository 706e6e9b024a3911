#pragma once

#include <atomic>
#include <mutex>
#include <thread>

#include "base/clock.h"

namespace connector::worker {

// Stands still; a sleep ends when its thread is stopped, or at once if `sleeps_end` is set.
class StandingClock : public ManualClock {
 public:
  std::atomic<int> sleeps_end{0};  // so many more sleeps end at once

  bool SleepFor(Duration how_long, std::stop_token stop) override {
    if (sleeps_end.fetch_sub(1) > 0) return ManualClock::SleepFor(how_long, stop);
    std::mutex mutex;
    std::condition_variable_any cv;
    std::unique_lock lock(mutex);
    cv.wait(lock, stop, [] { return false; });
    return false;
  }
  void WaitFor(std::condition_variable& cv, std::unique_lock<std::mutex>& lock, Duration) override {
    cv.wait_for(lock, std::chrono::milliseconds(1));
  }
};

// Stands still until a test moves it; then the sleeps end whose time has come.
class SteppedClock : public ManualClock {
 public:
  std::atomic<int> sleeps{0};  // that were begun

  bool SleepFor(Duration how_long, std::stop_token stop) override {
    const Time until = Now() + how_long;
    ++sleeps;
    while (Now() < until && !stop.stop_requested()) {
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
    return !stop.stop_requested();
  }
  void WaitFor(std::condition_variable& cv, std::unique_lock<std::mutex>& lock, Duration) override {
    cv.wait_for(lock, std::chrono::milliseconds(1));
  }
};

}  // namespace connector::worker
