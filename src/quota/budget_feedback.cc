// What the budget learns from answers: the plan, the use of others, refusals and pauses.

#include <algorithm>
#include <cmath>
#include <limits>

#include "quota/budget.h"

namespace connector::quota {
namespace {

constexpr size_t kNoWindow = std::numeric_limits<size_t>::max();

// A vendor may ask for a longer rest than this only by mistake.
constexpr Duration kLongestRetryAfter = std::chrono::hours(24);

// Between looks whether the day's tokens are back, since the vendor does not name its midnight.
constexpr Duration kDailyProbe = std::chrono::hours(1);

// The classic plans count per 10 s: a reset beyond 2 s gives them away.
constexpr Duration kClassicWindow = std::chrono::seconds(10);

// Of an hour's window that was refused without saying until when.
constexpr Duration kUnknownHourlyReset = std::chrono::minutes(1);

// No plan of either vendor allows more in one window.
constexpr int64_t kMostCalls = 1'000'000;

bool IsHourly(const WindowLimit& limit) { return limit.window >= std::chrono::minutes(1); }

double Distance(int64_t a, int64_t b) {
  return std::abs(std::log(static_cast<double>(a)) - std::log(static_cast<double>(b)));
}

bool Sensible(const std::optional<int64_t>& limit) {
  return limit.has_value() && *limit > 0 && *limit <= kMostCalls;
}

// What is said to remain of a limit without sense says nothing.
std::optional<int64_t> RemainingOf(const QuotaHeaders& headers) {
  return headers.limit.has_value() && !Sensible(headers.limit) ? std::nullopt : headers.remaining;
}

}  // namespace

void Budget::ObserveRemaining(const Permit& permit, const QuotaHeaders& headers, Time now) {
  const size_t meant = WindowMeant(permit.operation_, headers.limit);
  if (meant == kNoWindow) return;
  windows_[meant].window.Observe(
      {RemainingOf(headers), headers.reset, /*refused=*/false, permit.admitted_}, now);
}

// The headers do not say which of several windows they speak of: it is the one whose size is
// nearest.
size_t Budget::WindowMeant(const Operation& operation, std::optional<int64_t> limit) const {
  size_t meant = kNoWindow;
  double nearest = std::numeric_limits<double>::max();
  for (size_t i = 0; i < windows_.size(); ++i) {
    const WindowLimit& candidate = windows_[i].window.limit();
    if (std::ranges::find(candidate.families, operation.family) == candidate.families.end()) {
      continue;
    }
    if (candidate.calls == 0) continue;
    const double distance = Sensible(limit) ? Distance(*limit, candidate.calls) : 0.0;
    if (distance < nearest) {
      nearest = distance;
      meant = i;
    }
  }
  return meant;
}

void Budget::Learn(const Operation& operation, const QuotaHeaders& headers, Time now) {
  if (options_.api == Api::kPipedrive) {
    tokens_.Observe(headers.day_limit, headers.day_remaining, now);
  }
  const size_t meant = WindowMeant(operation, headers.limit);
  if (meant == kNoWindow || !Sensible(headers.limit)) return;
  RollingWindow& window = windows_[meant].window;
  if (*headers.limit != window.limit().calls) {
    const auto plan = plan_configured_
                          ? std::nullopt
                          : PlanAllowing(options_.api, options_.credential, options_.seats,
                                         window.limit().name, *headers.limit);
    if (plan.has_value()) {
      AdoptPlan(*plan);
    } else {
      window.SetCalls(*headers.limit);
    }
  }
  const bool classic = options_.api == Api::kPipedrive && headers.reset.has_value() &&
                       *headers.reset > window.limit().window + std::chrono::milliseconds(999) &&
                       *headers.reset <= kClassicWindow;
  if (classic) window.SetWindow(kClassicWindow);
}

Budget::Verdict Budget::OnThrottled(Throttle throttle, const Permit& permit,
                                    const QuotaHeaders& headers, Time now) {
  if (throttle == Throttle::kBurst) {
    // It was not the pause's reason, so the account is open again.
    SettleProbe(permit, /*served=*/true, now);
    return BlockWindows(permit, headers, now);
  }
  if (throttle == Throttle::kDaily) tokens_.Exhausted(now);
  return {throttle, PauseFor(throttle, permit, headers, now)};
}

Budget::Verdict Budget::BlockWindows(const Permit& permit, const QuotaHeaders& headers, Time now) {
  const size_t meant = WindowMeant(permit.operation_, headers.limit);
  if (meant == kNoWindow) return {Throttle::kBurst, kUnknownHourlyReset};
  RollingWindow& window = windows_[meant].window;
  const bool hourly = IsHourly(window.limit());
  Duration wait = headers.reset.value_or(hourly ? kUnknownHourlyReset : window.limit().window);
  wait = std::clamp(wait, Duration(std::chrono::milliseconds(100)), window.limit().window);
  wait = std::max(
      wait, std::min(headers.retry_after.value_or(Duration::zero()), Duration(kLongestRetryAfter)));
  window.Observe({RemainingOf(headers), headers.reset, /*refused=*/true, permit.admitted_}, now);
  window.BlockUntil(now + wait);
  return {hourly ? Throttle::kHourly : Throttle::kBurst, wait};
}

Duration Budget::PauseFor(Throttle reason, const Permit& permit, const QuotaHeaders& headers,
                          Time now) {
  const bool known = pause_.reason == reason && permit.admitted_ < pause_.since;
  if (known) return std::max(pause_.until - now, Duration::zero());
  const bool again = pause_.reason == reason;
  Duration length;
  if (reason == Throttle::kBlocked) {
    length =
        again ? std::min(pause_.length * 2, options_.longest_block_pause) : options_.block_pause;
    length = std::max(length,
                      std::min(headers.retry_after.value_or(Duration::zero()), kLongestRetryAfter));
  } else {
    length = headers.retry_after.has_value()
                 ? std::min(*headers.retry_after, kLongestRetryAfter)
                 : std::min<Duration>(kDailyProbe, tokens_.ResetAt(now) - now);
  }
  pause_ = Pause{reason, now, now + length, length, false};
  return length;
}

BudgetSnapshot Budget::Snapshot(Time now) {
  const std::lock_guard lock(mutex_);
  BudgetSnapshot snapshot;
  snapshot.plan = plan_name_;
  const auto seconds = [](Duration duration) {
    return std::chrono::duration<double>(duration).count();
  };
  for (WindowState& state : windows_) {
    RollingWindow& window = state.window;
    if (!window.limited()) continue;
    LimitSnapshot limit;
    limit.name = window.limit().name;
    limit.limit = window.limit().calls;
    limit.remaining = limit.limit - window.InUse(now);
    limit.headroom = static_cast<double>(limit.remaining) / static_cast<double>(limit.limit);
    limit.seconds_to_reset = seconds(window.AllFreeAt(now) - now);
    snapshot.limits.push_back(limit);
  }
  if (tokens_.known()) {
    LimitSnapshot limit;
    limit.name = "daily_tokens";
    limit.limit = tokens_.limit();
    limit.remaining = tokens_.Remaining(now);
    limit.headroom = static_cast<double>(limit.remaining) / static_cast<double>(limit.limit);
    limit.seconds_to_reset = seconds(tokens_.ResetAt(now) - now);
    const double rate = tokens_.Rate(now);
    if (rate > 0) limit.seconds_to_exhaustion = static_cast<double>(limit.remaining) / rate;
    limit.spent = tokens_.SpentToday(now);
    limit.estimate = tokens_.estimate();
    snapshot.limits.push_back(limit);
  }
  for (const Place* place : waiting_) ++snapshot.waiting[static_cast<size_t>(place->priority_)];
  snapshot.pause = pause_.reason;
  snapshot.paused_until = pause_.until;
  return snapshot;
}

}  // namespace connector::quota
