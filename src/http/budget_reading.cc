#include "http/budget_reading.h"

#include <algorithm>
#include <utility>

namespace connector::http {

std::string_view ApiName(quota::Api api) {
  return api == quota::Api::kPipedrive ? "pipedrive" : "brevo";
}

metrics::BudgetReading ReadBudget(quota::Api api, std::string connection, quota::Budget& budget,
                                  Time now) {
  const quota::BudgetSnapshot snapshot = budget.Snapshot(now);
  metrics::BudgetReading reading;
  reading.api = ApiName(api);
  reading.connection = std::move(connection);
  for (const quota::LimitSnapshot& limit : snapshot.limits) {
    const bool counts_tokens = limit.name == "daily_tokens";
    reading.limits.push_back(
        {limit.name, static_cast<double>(limit.limit), static_cast<double>(limit.remaining),
         limit.headroom, limit.seconds_to_reset, limit.seconds_to_exhaustion,
         counts_tokens ? static_cast<double>(limit.spent) : -1.0, limit.estimate});
  }
  for (int i = 0; i < quota::kPriorities; ++i) {
    reading.waiting.emplace_back(quota::PriorityName(static_cast<quota::Priority>(i)),
                                 snapshot.waiting[static_cast<size_t>(i)]);
  }
  if (snapshot.pause != quota::Throttle::kNone) {
    reading.pause = quota::ThrottleName(snapshot.pause);
    const std::chrono::duration<double> left = snapshot.paused_until - now;
    reading.pause_seconds = std::max(left.count(), 0.0);
  }
  return reading;
}

}  // namespace connector::http
