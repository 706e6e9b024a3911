#include "rate_limits.h"

#include <algorithm>

namespace sandbox {
namespace {

constexpr Micros kBurstWindow = 2 * kSecond;
constexpr int64_t kSearchLimit = 10;
constexpr int64_t kTokensPerSeat = 30'000;
constexpr int64_t kUnlimited = 1'000'000'000;
// Where exactly Pipedrive's edge loses patience is not published; after this many refusals
// within ten seconds the sandbox does.
constexpr size_t kPatience = 5;
constexpr Micros kPatienceWindow = 10 * kSecond;

struct PlanNumbers {
  int64_t token, oauth, multiplier;
};

PlanNumbers NumbersOf(const std::string& plan) {
  if (plan == "lite") return {20, 80, 1};
  if (plan == "premium") return {100, 400, 5};
  if (plan == "ultimate") return {120, 480, 7};
  return {40, 160, 2};  // growth
}

}  // namespace

void RollingWindow::Forget(Micros now) {
  while (!taken_.empty() && taken_.front() + length_ <= now) taken_.pop_front();
}

bool RollingWindow::Full(Micros now) {
  Forget(now);
  return static_cast<int64_t>(taken_.size()) >= limit_;
}

int64_t RollingWindow::Remaining(Micros now) {
  Forget(now);
  return std::max<int64_t>(0, limit_ - static_cast<int64_t>(taken_.size()));
}

int64_t RollingWindow::ResetSeconds(Micros now) {
  Forget(now);
  if (taken_.empty()) return 0;
  return std::max<int64_t>(1, (taken_.front() + length_ - now + kSecond - 1) / kSecond);
}

PipedriveLimits::PipedriveLimits(const Options& options)
    : enabled_(options.limits), block_(static_cast<Micros>(options.edge_block_s * kSecond)) {
  const PlanNumbers numbers = NumbersOf(options.plan);
  burst_token_ = numbers.token;
  burst_oauth_ = numbers.oauth;
  daily_ = kTokensPerSeat * numbers.multiplier * std::max(1, options.seats);
}

PipedriveLimits::PerToken& PipedriveLimits::For(const std::string& credential, bool oauth) {
  const auto it = tokens_.find(credential);
  if (it != tokens_.end()) return it->second;
  PerToken fresh{RollingWindow(oauth ? burst_oauth_ : burst_token_, kBurstWindow),
                 RollingWindow(kSearchLimit, kBurstWindow),
                 {},
                 0};
  return tokens_.emplace(credential, std::move(fresh)).first->second;
}

Headers PipedriveLimits::MakeHeaders(PerToken& state, bool search, Micros now) const {
  RollingWindow& window = search ? state.search : state.burst;
  return {
      {"x-ratelimit-limit", std::to_string(window.limit())},
      {"x-ratelimit-remaining", std::to_string(window.Remaining(now))},
      {"x-ratelimit-reset", std::to_string(window.ResetSeconds(now))},
      {"x-daily-ratelimit-token-limit", std::to_string(daily_)},
      {"x-daily-ratelimit-token-remaining", std::to_string(std::max<int64_t>(0, daily_ - spent_))}};
}

Judgement PipedriveLimits::Refuse(PerToken& state, Verdict verdict, Micros now) {
  state.refused.push_back(now);
  while (state.refused.front() + kPatienceWindow <= now) state.refused.pop_front();
  if (state.refused.size() > kPatience) {
    state.blocked_until = now + block_;
    state.refused.clear();
  }
  return {verdict, MakeHeaders(state, verdict == Verdict::kSearch, now)};
}

Judgement PipedriveLimits::Admit(const std::string& credential, bool oauth, bool search, int cost,
                                 Micros now) {
  const int64_t today = now / (86'400 * kSecond);  // the zone of the reset isn't known: UTC
  if (today != day_) {
    day_ = today;
    spent_ = 0;
  }
  PerToken& state = For(credential, oauth);
  if (enabled_) {
    if (now < state.blocked_until) return {Verdict::kBlocked, {}};
    if (spent_ + cost > daily_) return Refuse(state, Verdict::kDaily, now);
    if (state.burst.Full(now)) return Refuse(state, Verdict::kBurst, now);
    if (search && state.search.Full(now)) return Refuse(state, Verdict::kSearch, now);
  }
  state.burst.Take(now);
  if (search) state.search.Take(now);
  spent_ += cost;
  return {Verdict::kPass, MakeHeaders(state, search, now)};
}

BrevoLimits::BrevoLimits(const Options& options) : enabled_(options.limits) {
  int64_t second = 10;
  int64_t hour = 36'000;
  int64_t other = 100;
  if (options.brevo_plan == "advanced") {
    second = 20;
    hour = 72'000;
    other = 200;
  } else if (options.brevo_plan == "extended") {
    second = 60;
    hour = kUnlimited;
    other = 600;
  }
  const auto add = [this](const char* name, int64_t per_second, int64_t per_hour) {
    buckets_.emplace(
        name, Bucket{RollingWindow(per_second, kSecond), RollingWindow(per_hour, 3600 * kSecond)});
  };
  add("contacts", second, hour);
  add("events", second, hour);
  add("other", kUnlimited, other);
}

std::string BrevoLimits::BucketOf(const std::string& method, const std::string& path) {
  if (path == "/v3/contacts" || path.rfind("/v3/contacts/", 0) == 0) return "contacts";
  // Whether /events/batch shares the bucket of /events is not stated: the poorer one.
  if (method == "POST" && path == "/v3/events") return "events";
  return "other";
}

Judgement BrevoLimits::Admit(const std::string& name, Micros now) {
  Bucket& bucket = buckets_.at(name);
  Judgement result;
  if (enabled_ && bucket.hour.Full(now)) {
    result.verdict = Verdict::kHour;
  } else if (enabled_ && bucket.second.Full(now)) {
    result.verdict = Verdict::kBurst;
  } else {
    bucket.second.Take(now);
    bucket.hour.Take(now);
  }
  // The window that binds: the hour where there is no second, or once it runs out.
  const bool by_hour =
      bucket.second.limit() == kUnlimited || bucket.hour.Remaining(now) < bucket.second.limit();
  RollingWindow& window = by_hour ? bucket.hour : bucket.second;
  result.headers = {{"x-sib-ratelimit-limit", std::to_string(window.limit())},
                    {"x-sib-ratelimit-remaining", std::to_string(window.Remaining(now))},
                    {"x-sib-ratelimit-reset", std::to_string(window.ResetSeconds(now))}};
  return result;
}

}  // namespace sandbox
