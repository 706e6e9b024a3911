#include "metrics/quota_metrics.h"

namespace connector::metrics {
namespace {

// Indices into Specs().
enum Family : size_t {
  kLimit,
  kRemaining,
  kHeadroom,
  kReset,
  kExhaustion,
  kSpent,
  kEstimate,
  kWaiting,
  kPause,
  kRefused,
};

std::vector<FamilySpec> Specs() {
  const std::vector<std::string_view> per_limit = {"api", "connection", "limit"};
  return {
      {"quota_limit", "Calls or tokens the limit allows", per_limit},
      {"quota_remaining", "Calls or tokens left now", per_limit},
      {"quota_headroom_ratio", "Share of the limit that is left", per_limit},
      {"quota_reset_seconds", "Time until all of the limit is free again", per_limit},
      {"quota_exhaustion_seconds", "Time until the limit is spent at the present rate", per_limit},
      {"quota_tokens_spent", "Daily tokens this process spent today", per_limit},
      {"quota_estimate", "1 if the figures are our own count, 0 if the vendor's", per_limit},
      {"quota_waiting", "Calls that wait for the budget now", {"api", "connection", "priority"}},
      {"quota_pause_seconds",
       "Time an account still stands still, by reason; absent if it does not",
       {"api", "connection", "reason"}},
      {"account_refused",
       "1 while the vendor refuses the credential, else 0",
       {"api", "connection"}},
  };
}

void Read(const BudgetReading& budget, const LimitReading& limit, GaugeSink& sink) {
  const LabelValues labels = {budget.api, budget.connection, limit.name};
  sink.Set(kLimit, labels, limit.limit);
  sink.Set(kRemaining, labels, limit.remaining);
  sink.Set(kHeadroom, labels, limit.headroom_ratio);
  sink.Set(kReset, labels, limit.reset_seconds);
  sink.Set(kEstimate, labels, limit.estimate ? 1 : 0);
  if (limit.exhaustion_seconds >= 0) sink.Set(kExhaustion, labels, limit.exhaustion_seconds);
  if (limit.tokens_spent >= 0) sink.Set(kSpent, labels, limit.tokens_spent);
}

}  // namespace

void AddQuotaMetrics(Registry& registry, std::function<std::vector<BudgetReading>()> read) {
  registry.AddGauges(Specs(), [read = std::move(read)](GaugeSink& sink) {
    for (const BudgetReading& budget : read()) {
      for (const LimitReading& limit : budget.limits) Read(budget, limit, sink);
      for (const auto& [priority, callers] : budget.waiting) {
        sink.Set(kWaiting, {budget.api, budget.connection, priority}, callers);
      }
      sink.Set(kRefused, {budget.api, budget.connection}, budget.refused ? 1 : 0);
      if (!budget.pause.empty()) {
        sink.Set(kPause, {budget.api, budget.connection, budget.pause}, budget.pause_seconds);
      }
    }
  });
}

}  // namespace connector::metrics
