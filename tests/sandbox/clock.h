// The only source of time in the sandbox. Scaled: now = origin + (real now - origin) * scale.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace sandbox {

using Micros = int64_t;
inline constexpr Micros kSecond = 1'000'000;

class Clock {
 public:
  // origin_s: real Unix seconds, 0 for the present moment. A manual clock moves by Advance alone.
  Clock(double origin_s, double scale, bool manual);

  Micros Now() const;  // sandbox time, microseconds since the Unix epoch
  int64_t NowSeconds() const { return Now() / kSecond; }
  int64_t NowMillis() const { return Now() / 1000; }
  void Advance(Micros by) { offset_ += by; }

  // How long to wait in real time until `span` of sandbox time has passed.
  std::chrono::microseconds ToReal(Micros span) const;
  bool manual() const { return manual_; }

 private:
  static Micros RealNow();

  const Micros origin_;
  const double scale_;
  const bool manual_;
  std::atomic<Micros> offset_{0};
};

}  // namespace sandbox
