#include "config/reconcile_interval.h"

#include <algorithm>

#include "quota/plan.h"

namespace connector::config {
namespace {

constexpr double kShareOfDay = 0.2;
constexpr Duration kDay = std::chrono::hours(24);
constexpr Duration kShortest = std::chrono::minutes(5);
// Where no tokens are counted.
constexpr Duration kWithoutTokens = std::chrono::minutes(15);

// One page of everything that may have changed, in tokens (the official descriptions'
// x-token-cost): a page of persons, organizations or activities is 10, of deals 10, of deleted
// deals 10, of archived ones 20, of leads 20, of archived leads 40.
int64_t CostOfRound(const SyncSwitches& sync) {
  return (sync.persons ? 10 : 0) + (sync.organizations ? 10 : 0) + (sync.activities ? 10 : 0) +
         (sync.deals ? 40 : 0) + (sync.leads ? 60 : 0);
}

quota::Plan PlanOf(const PipedriveConfig& pipedrive) {
  const auto credential =
      pipedrive.oauth.client_id.empty() ? quota::Credential::kApiToken : quota::Credential::kOAuth;
  const auto plan =
      quota::FindPlan(quota::Api::kPipedrive, pipedrive.plan, credential, pipedrive.seats);
  return plan ? *plan : quota::SmallestPlan(quota::Api::kPipedrive, credential, pipedrive.seats);
}

}  // namespace

Duration ReconcileInterval(const Connection& connection) {
  const int64_t tokens = PlanOf(connection.pipedrive).daily_tokens;
  if (tokens <= 0) return kWithoutTokens;
  const double rounds = kShareOfDay * static_cast<double>(tokens) /
                        static_cast<double>(std::max<int64_t>(CostOfRound(connection.sync), 1));
  const auto interval = static_cast<Duration::rep>(static_cast<double>(kDay.count()) / rounds);
  return std::clamp<Duration>(Duration(interval), kShortest, kDay);
}

}  // namespace connector::config
