#include "rpc/deadline.h"

#include <grpc/support/time.h>

#include <algorithm>

namespace connector::rpc {
namespace {

// How much of the clock's time passes in so much real time.
Duration FromReal(Duration real, const Clock& clock) {
  constexpr Duration kSample = std::chrono::hours(1);
  const auto scale = static_cast<double>(kSample.count()) /
                     static_cast<double>(std::max(clock.ToReal(kSample), Duration(1)).count());
  return Duration(static_cast<Duration::rep>(static_cast<double>(real.count()) * scale));
}

}  // namespace

Time DeadlineOf(const grpc::CallbackServerContext& context, const Clock& clock, Duration longest) {
  const gpr_timespec left =
      gpr_time_sub(gpr_convert_clock_type(context.raw_deadline(), GPR_CLOCK_MONOTONIC),
                   gpr_now(GPR_CLOCK_MONOTONIC));
  // No deadline is one of years.
  const bool far = left.tv_sec >= std::chrono::floor<std::chrono::seconds>(longest).count();
  const Duration real =
      far ? longest : std::chrono::seconds(left.tv_sec) + Duration(left.tv_nsec / 1000);
  return clock.Now() + FromReal(std::max(real, Duration::zero()), clock);
}

}  // namespace connector::rpc
