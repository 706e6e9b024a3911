#pragma once

// Time and waiting, as values that are handed in. Nothing outside src/base reads a clock or sleeps.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace connector {

// Wall-clock time in UTC with microseconds: what is stored and compared with vendor timestamps.
using Time = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::microseconds;

// A source of time and of waiting. Every method may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;

  virtual Time Now() const = 0;

  // Waits for `how_long` of this clock's time or until a stop is requested; false if stopped.
  virtual bool SleepFor(Duration how_long, std::stop_token stop) = 0;

  // Waits on `cv` until it is notified or `how_long` of this clock's time has passed. May wake
  // early.
  virtual void WaitFor(std::condition_variable& cv, std::unique_lock<std::mutex>& lock,
                       Duration how_long) = 0;

  // This much of the clock's time in real time: what a socket's or a library's timeout must be
  // given.
  virtual Duration ToReal(Duration how_long) const = 0;
};

// The machine's clock, optionally running `scale` times faster than real time since `origin` (real
// time), so that a service and a simulator started with the same two numbers share one time:
// now = origin + (real - origin) * scale.
class SystemClock : public Clock {
 public:
  SystemClock() = default;
  SystemClock(double scale, Time origin) : scale_(scale), origin_(origin) {}

  Time Now() const override;
  bool SleepFor(Duration how_long, std::stop_token stop) override;
  void WaitFor(std::condition_variable& cv, std::unique_lock<std::mutex>& lock,
               Duration how_long) override;
  Duration ToReal(Duration how_long) const override;

 private:
  const double scale_ = 1.0;
  const Time origin_{};
};

// A clock that stands still until a test moves it. A sleep moves it by itself, at once, so that a
// single-threaded test never waits. Safe for concurrent use.
class ManualClock : public Clock {
 public:
  explicit ManualClock(Time start = Time(std::chrono::hours(24 * 365 * 50))) : now_(start) {}

  Time Now() const override { return now_.load(); }
  bool SleepFor(Duration how_long, std::stop_token stop) override;
  void WaitFor(std::condition_variable& cv, std::unique_lock<std::mutex>& lock,
               Duration how_long) override;
  Duration ToReal(Duration how_long) const override { return how_long; }

  void Advance(Duration by) { now_.store(now_.load() + by); }
  void Set(Time now) { now_.store(now); }

 private:
  std::atomic<Time> now_;
};

}  // namespace connector
