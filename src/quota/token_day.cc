#include "quota/token_day.h"

#include <algorithm>
#include <utility>

namespace connector::quota {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

constexpr Duration kProbeEvery = hours(1);
constexpr Duration kRateSpan = minutes(10);
// A header beyond this is taken for noise: 1,000 seats of the largest plan have 210 million.
constexpr int64_t kMostTokens = 1'000'000'000;

Time NextMidnight(Time now) { return std::chrono::floor<days>(now) + days(1); }

}  // namespace

void TokenDay::StartDay(Time now) {
  const bool stepped_back = day_end_ > now + days(1);
  if (now < day_end_ && !stepped_back) return;
  if (day_end_ != Time{} && !stepped_back) {
    remaining_ = limit_;
    spent_ = 0;
  }
  day_end_ = NextMidnight(now);
}

double TokenDay::ReservedAt(Time at) const {
  const double left_of_day = std::clamp(
      static_cast<double>((day_end_ - at).count()) / Duration(days(1)).count(), 0.0, 1.0);
  return reserved_share_ * static_cast<double>(limit_) * left_of_day;
}

Time TokenDay::FreeAt(int64_t tokens, bool real_time, Time now) {
  StartDay(now);
  if (tokens <= 0 || !enforced_ || !known()) return now;
  if (Left() < tokens) return std::clamp(last_heard_ + kProbeEvery, now, day_end_);
  if (real_time || reserved_share_ <= 0) return now;
  const double spare = static_cast<double>(Left() - tokens);
  if (spare >= ReservedAt(now)) return now;
  // The reserve is a straight line down to the reset: the time at which it meets what is spare.
  const double left_of_day = spare / (reserved_share_ * static_cast<double>(limit_));
  const auto before_reset =
      Duration(static_cast<Duration::rep>(left_of_day * Duration(days(1)).count()));
  return std::clamp(day_end_ - before_reset, now + Duration(std::chrono::milliseconds(1)),
                    day_end_);
}

void TokenDay::Take(int64_t tokens, Time now) {
  if (tokens > 0) last_heard_ = now;
  in_flight_ += tokens;
}

void TokenDay::Answered(int64_t tokens, Time now) {
  StartDay(now);
  in_flight_ -= tokens;
  remaining_ = std::max<int64_t>(remaining_ - tokens, 0);
  spent_ += tokens;
  unreported_ += tokens;
  CountRate(tokens, now);
}

void TokenDay::NotSent(int64_t tokens) { in_flight_ -= tokens; }

void TokenDay::Observe(std::optional<int64_t> limit, std::optional<int64_t> remaining, Time now) {
  StartDay(now);
  if (limit.has_value() && *limit > 0 && *limit <= kMostTokens) {
    if (!from_header_ && remaining_ == limit_) remaining_ = *limit;
    limit_ = *limit;
  }
  if (!remaining.has_value() || *remaining > kMostTokens) return;
  // Answers may overtake each other, so a little more than we thought is old news; much more is a
  // new day or a top-up.
  const int64_t slack = in_flight_ + std::max<int64_t>(limit_ / 1000, 200);
  if (!from_header_ || *remaining < remaining_ || *remaining > remaining_ + slack) {
    remaining_ = *remaining;
  }
  from_header_ = true;
  enforced_ = true;
  last_heard_ = now;
}

void TokenDay::Exhausted(Time now) {
  StartDay(now);
  remaining_ = 0;
  enforced_ = true;
  last_heard_ = now;
}

void TokenDay::ObserveSpent(int64_t tokens, Time now) {
  StartDay(now);
  if (!from_header_) remaining_ = std::clamp<int64_t>(limit_ - tokens - unreported_, 0, remaining_);
}

void TokenDay::SetLimit(int64_t limit) {
  if (from_header_) return;
  remaining_ = std::max<int64_t>(limit - (limit_ - remaining_), 0);
  limit_ = limit;
}

int64_t TokenDay::Remaining(Time now) {
  StartDay(now);
  return std::max<int64_t>(Left(), 0);
}

int64_t TokenDay::SpentToday(Time now) {
  StartDay(now);
  return spent_;
}

Time TokenDay::ResetAt(Time now) {
  StartDay(now);
  return day_end_;
}

void TokenDay::CountRate(int64_t tokens, Time now) {
  if (now < rate_since_ || now >= rate_since_ + kRateSpan) {
    const bool adjacent = now >= rate_since_ && now < rate_since_ + 2 * kRateSpan;
    rate_before_ = adjacent ? rate_now_ : 0;
    rate_now_ = 0;
    rate_since_ = now;
  }
  rate_now_ += tokens;
}

double TokenDay::Rate(Time now) {
  CountRate(0, now);
  const Duration span = kRateSpan + (now - rate_since_);
  return static_cast<double>(rate_before_ + rate_now_) /
         std::chrono::duration<double>(span).count();
}

int64_t TokenDay::TakeUnreported() { return std::exchange(unreported_, 0); }

}  // namespace connector::quota
