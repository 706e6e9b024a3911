#include "app/live_clients.h"

#include <utility>

#include "base/log.h"
#include "base/random.h"
#include "base/status.h"
#include "cli/version.h"
#include "http/curl_transport.h"
#include "http/retrying_caller.h"
#include "metrics/registry.h"

namespace connector::app {
namespace {

constexpr Duration kDeadline = std::chrono::minutes(2);
constexpr Duration kLongestWait = std::chrono::seconds(10);
constexpr int kAttempts = 2;

SystemClock MakeClock(const config::ClockConfig& clock) {
  return SystemClock(clock.scale, Time(std::chrono::duration_cast<Duration>(
                                      std::chrono::duration<double>(clock.origin_unix_seconds))));
}

quota::Budget::Options BudgetOf(quota::Api api, const std::string& plan, int seats) {
  quota::Budget::Options options;
  options.api = api;
  options.plan = plan;
  options.seats = seats;
  return options;
}

http::RetryingCaller::Options CallerOf(quota::Api api, const std::string& connection) {
  http::RetryingCaller::Options options;
  options.api = api;
  options.connection = connection;
  options.retry.max_attempts = kAttempts;
  options.longest_wait = kLongestWait;
  return options;
}

// Everything between the clients and the network; in the order in which it is needed.
class Road {
 public:
  Road(const config::Config& config, const config::Connection& connection,
       std::unique_ptr<http::Transport> transport)
      : clock_(MakeClock(config.clock)),
        log_(clock_, LogLevel::kError),
        http_metrics_(registry_),
        transport_(std::move(transport)),
        pipedrive_budget_(BudgetOf(quota::Api::kPipedrive, connection.pipedrive.plan,
                                   connection.pipedrive.seats)),
        brevo_budget_(BudgetOf(quota::Api::kBrevo, connection.brevo.plan, 1)),
        pipedrive_caller_(CallerOf(quota::Api::kPipedrive, connection.name),
                          {*transport_, pipedrive_budget_, http_metrics_, clock_, random_, log_}),
        brevo_caller_(CallerOf(quota::Api::kBrevo, connection.name),
                      {*transport_, brevo_budget_, http_metrics_, clock_, random_, log_}),
        pipedrive_(pipedrive::MakeClient(
            {connection.pipedrive.api_base_url, connection.pipedrive.api_token,
             connection.pipedrive.api_version == "v1" ? pipedrive::ApiVersion::kV1
                                                      : pipedrive::ApiVersion::kV2},
            pipedrive_caller_)),
        // No report file is read here, so that one caller serves for both.
        brevo_(brevo::MakeClient({connection.brevo.api_base_url, connection.brevo.api_key},
                                 brevo_caller_, brevo_caller_)) {}

  pipedrive::Client* pipedrive() { return pipedrive_.get(); }
  brevo::Client* brevo() { return brevo_.get(); }
  Time Deadline() const { return clock_.Now() + kDeadline; }

  std::vector<cli::LimitSeen> Limits() {
    std::vector<cli::LimitSeen> seen;
    Append("Pipedrive", pipedrive_budget_.Snapshot(clock_.Now()), seen);
    Append("Brevo", brevo_budget_.Snapshot(clock_.Now()), seen);
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
  quota::Budget pipedrive_budget_;
  quota::Budget brevo_budget_;
  http::RetryingCaller pipedrive_caller_;
  http::RetryingCaller brevo_caller_;
  std::unique_ptr<pipedrive::Client> pipedrive_;
  std::unique_ptr<brevo::Client> brevo_;
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
  http::CurlTransport::Options options;
  options.version = cli::kVersion;
  options.http2 = config.http.http2;
  options.proxy = config.http.proxy;
  options.ca_file = config.http.ca_file;
  options.connect_timeout = config.http.connect_timeout;
  CONNECTOR_ASSIGN_OR_RETURN(auto transport, http::CurlTransport::Make(std::move(options)));
  const auto road = std::make_shared<Road>(config, connection, std::move(transport));
  cli::LiveClients clients;
  clients.pipedrive = std::shared_ptr<pipedrive::Client>(road, road->pipedrive());
  clients.brevo = std::shared_ptr<brevo::Client>(road, road->brevo());
  clients.context.priority = quota::Priority::kInteractive;
  clients.context.deadline = road->Deadline();
  clients.limits = [road] { return road->Limits(); };
  return clients;
}

}  // namespace connector::app
