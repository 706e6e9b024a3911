#include "app/live_clients.h"

#include <utility>

#include "app/road.h"
#include "base/status.h"
#include "metrics/registry.h"

namespace connector::app {
namespace {

constexpr Duration kDeadline = std::chrono::minutes(2);
constexpr RoadOptions kFewAttempts = {.attempts = 2, .longest_wait = std::chrono::seconds(10)};

// A road with all it stands on, in the order in which it is needed.
class LiveRoad {
 public:
  LiveRoad(const config::Config& config, const config::Connection& connection,
           std::unique_ptr<http::Transport> transport)
      : clock_(MakeClock(config.clock)),
        log_(clock_, LogLevel::kError),
        http_metrics_(registry_),
        transport_(std::move(transport)),
        road_(connection, {*transport_, http_metrics_, clock_, random_, log_}, kFewAttempts) {}

  pipedrive::Client* pipedrive() { return &road_.pipedrive(); }
  brevo::Client* brevo() { return &road_.brevo(); }
  Time Deadline() const { return clock_.Now() + kDeadline; }

  std::vector<cli::LimitSeen> Limits() const {
    std::vector<cli::LimitSeen> seen;
    Append("Pipedrive", road_.PipedriveBudget(), seen);
    Append("Brevo", road_.BrevoBudget(), seen);
    return seen;
  }

 private:
  // What the vendor showed; our own counts say nothing about the account.
  static void Append(const char* api, const quota::BudgetSnapshot& snapshot,
                     std::vector<cli::LimitSeen>& seen) {
    for (const quota::LimitSnapshot& limit : snapshot.limits) {
      if (limit.estimate || limit.limit <= 0) continue;
      seen.push_back(
          {api, std::string(snapshot.plan), std::string(limit.name), limit.limit, limit.remaining});
    }
  }

  SystemClock clock_;
  SystemRandom random_;
  Logger log_;
  metrics::Registry registry_;
  metrics::HttpMetrics http_metrics_;
  std::unique_ptr<http::Transport> transport_;
  Road road_;
};

}  // namespace

absl::StatusOr<cli::LiveClients> MakeLiveClients(const config::Config& config,
                                                 const config::Connection& connection) {
  if (connection.pipedrive.api_token.empty()) {
    return absl::FailedPreconditionError(
        "check --live needs connectors.pipedrive.api_token: with OAuth, only the running service "
        "holds the access token");
  }
  if (connection.brevo.api_key.empty()) {
    return absl::FailedPreconditionError(
        "check --live needs connectors.brevo.api_key or BREVO_API_KEY");
  }
  CONNECTOR_ASSIGN_OR_RETURN(auto transport, MakeTransport(config.http));
  const auto road = std::make_shared<LiveRoad>(config, connection, std::move(transport));
  cli::LiveClients clients;
  clients.pipedrive = std::shared_ptr<pipedrive::Client>(road, road->pipedrive());
  clients.brevo = std::shared_ptr<brevo::Client>(road, road->brevo());
  clients.context.priority = quota::Priority::kInteractive;
  clients.context.deadline = road->Deadline();
  clients.limits = [road] { return road->Limits(); };
  return clients;
}

}  // namespace connector::app
