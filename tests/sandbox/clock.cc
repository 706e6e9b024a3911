#include "clock.h"

namespace sandbox {

Micros Clock::RealNow() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Clock::Clock(double origin_s, double scale, bool manual)
    : origin_(origin_s > 0 ? static_cast<Micros>(origin_s * kSecond) : RealNow()),
      scale_(scale > 0 ? scale : 1),
      manual_(manual) {}

Micros Clock::Now() const {
  if (manual_) return origin_ + offset_;
  const double passed = static_cast<double>(RealNow() - origin_) * scale_;
  return origin_ + static_cast<Micros>(passed) + offset_;
}

std::chrono::microseconds Clock::ToReal(Micros span) const {
  if (span <= 0 || manual_) return std::chrono::microseconds(0);
  return std::chrono::microseconds(static_cast<Micros>(static_cast<double>(span) / scale_));
}

}  // namespace sandbox
