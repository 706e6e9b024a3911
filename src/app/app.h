#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "app/live.h"
#include "app/road.h"
#include "app/status_source.h"
#include "app/storage.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "config/config.h"
#include "edge/admin.h"
#include "edge/public.h"
#include "edge/webhook_door.h"
#include "mapping/phone.h"
#include "metrics/http_metrics.h"
#include "metrics/oauth_metrics.h"
#include "metrics/registry.h"
#include "metrics/service_metrics.h"
#include "metrics/sync_metrics.h"
#include "metrics/webhook_metrics.h"
#include "rpc/server.h"
#include "sync/records.h"
#include "sync/subscriptions.h"
#include "worker/budget_shares.h"
#include "worker/connections.h"
#include "worker/failure_retries.h"
#include "worker/inquiries.h"
#include "worker/intake.h"
#include "worker/interactive_pool.h"
#include "worker/runner.h"
#include "worker/runs.h"
#include "worker/scheduler.h"
#include "worker/searches.h"
#include "worker/stages.h"
#include "worker/status_history.h"
#include "worker/subscriptions_watch.h"
#include "worker/upkeep.h"

namespace connector::app {

// The service, wired. Members stand in the order in which they need each other: what comes later is
// stopped and destroyed first.
class App {
 public:
  // `reload`, if given, reads the configuration again: see ReloadSecrets().
  explicit App(config::Config config, std::function<config::Loaded()> reload = nullptr);
  ~App();

  // Opens the store, then the listeners, then starts the work. An error names the setting at fault;
  // nothing runs then.
  absl::Status Start();

  // Takes over the secrets that may change while the service runs: both accounts' keys, the
  // passwords of webhooks at the door, the tokens of gRPC. Nothing else of a changed configuration;
  // one with errors is left alone. Any thread.
  void ReloadSecrets();

  // Intake first, then the work (runs are given back at their next page), then the listeners.
  void Stop();

  // "grpc=127.0.0.1:9090 admin=127.0.0.1:9464 public=:8080", with the ports that were bound.
  std::string Addresses() const;

  const Logger& log() const { return log_; }

 private:
  // One pair of accounts and what is made for it alone.
  struct Wired {
    Wired(const config::Connection& connection, RoadParts parts)
        : road(connection, parts), phones(connection.persons.default_region) {}
    Road road;
    mapping::PhoneNormalizer phones;
  };

  void WireConnections();
  absl::Status OpenListeners();
  void ShareBudgets();
  void StartWork();
  std::vector<edge::Route> PublicRoutes();
  void WireLive();
  edge::Readiness CheckReadiness();
  std::vector<metrics::BudgetReading> ReadBudgets() const;
  std::vector<metrics::WorkReading> ReadWork();
  std::vector<metrics::WebhookMetrics::Silence> ReadSilence() const;

  const config::Config config_;
  const std::function<config::Loaded()> reload_;
  SystemClock clock_;
  SystemRandom random_;
  const std::string owner_;  // of leases: this process
  const Logger log_;
  metrics::Registry registry_;
  metrics::HttpMetrics http_metrics_;
  metrics::SyncMetrics sync_metrics_;
  metrics::OAuthMetrics oauth_metrics_;
  metrics::WebhookMetrics webhook_metrics_;
  metrics::StoreMetrics store_metrics_;
  Storage storage_;
  std::unique_ptr<http::Transport> transport_;
  std::vector<std::unique_ptr<Wired>> wired_;
  worker::Connections connections_;
  std::map<std::string, std::unique_ptr<Live>> live_;  // by connection
  sync::Subscriptions subscriptions_;
  sync::Records records_{clock_};
  std::optional<worker::Runs> runs_;
  worker::InteractivePool interactive_;
  worker::Searches searches_;
  worker::Stages stages_;
  worker::Inquiries inquiries_;
  std::optional<worker::Intake> intake_;
  std::optional<worker::FailureRetries> retries_;
  std::optional<StatusSource> status_source_;
  std::optional<worker::StatusHistory> history_;
  std::shared_ptr<edge::DoorRing> door_ring_;
  std::shared_ptr<rpc::Tokens> tokens_;  // null if none are asked for
  std::mutex reload_mutex_;              // one reload at a time
  std::unique_ptr<edge::HttpServer> admin_;
  std::unique_ptr<edge::HttpServer> public_;
  std::unique_ptr<rpc::Server> rpc_;
  std::optional<worker::BudgetShares> budget_shares_;
  std::optional<worker::Upkeep> upkeep_;
  std::optional<worker::Runner> runner_;
  std::optional<worker::Scheduler> scheduler_;
  std::optional<worker::SubscriptionsWatch> subscriptions_watch_;
  std::jthread reloading_;
};

}  // namespace connector::app
