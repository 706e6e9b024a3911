#include "base/clock.h"

#include <algorithm>

namespace connector {
namespace {

Time RealNow() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

}  // namespace

Time SystemClock::Now() const {
  const Time real = RealNow();
  if (scale_ == 1.0) return real;
  const auto elapsed = static_cast<double>((real - origin_).count()) * scale_;
  return origin_ + Duration(static_cast<Duration::rep>(elapsed));
}

Duration SystemClock::ToReal(Duration how_long) const {
  if (scale_ == 1.0) return how_long;
  return Duration(static_cast<Duration::rep>(static_cast<double>(how_long.count()) / scale_));
}

bool SystemClock::SleepFor(Duration how_long, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any cv;
  std::unique_lock lock(mutex);
  cv.wait_for(lock, stop, std::max(ToReal(how_long), Duration::zero()), [] { return false; });
  return !stop.stop_requested();
}

void SystemClock::WaitFor(std::condition_variable& cv, std::unique_lock<std::mutex>& lock,
                          Duration how_long) {
  cv.wait_for(lock, std::max(ToReal(how_long), Duration::zero()));
}

bool ManualClock::SleepFor(Duration how_long, std::stop_token stop) {
  if (stop.stop_requested()) return false;
  Advance(std::max(how_long, Duration::zero()));
  return true;
}

void ManualClock::WaitFor(std::condition_variable& cv, std::unique_lock<std::mutex>& lock,
                          Duration how_long) {
  // One real millisecond lets another thread notify; then the simulated wait is over.
  if (cv.wait_for(lock, std::chrono::milliseconds(1)) == std::cv_status::timeout) {
    Advance(std::max(how_long, Duration::zero()));
  }
}

}  // namespace connector
