#pragma once

#include <memory>
#include <vector>

#include "app/oauth_road.h"
#include "app/road_parts.h"
#include "base/clock.h"
#include "base/live_secret.h"
#include "base/log.h"
#include "base/random.h"
#include "brevo/client.h"
#include "brevo/webhook_client.h"
#include "config/config.h"
#include "http/keyed_caller.h"
#include "http/pausing_caller.h"
#include "http/retrying_caller.h"
#include "metrics/http_metrics.h"
#include "metrics/quota_metrics.h"
#include "pipedrive/client.h"
#include "pipedrive/person_client.h"
#include "pipedrive/records_client.h"
#include "pipedrive/webhook_client.h"
#include "quota/budget.h"
#include "quota/ledger.h"

namespace connector::app {

struct RoadOptions {
  int attempts = 5;
  Duration longest_wait = std::chrono::minutes(1);
};

// Everything between the clients of one connection and the network: a budget, a retry loop and a
// pause for each account. The parts outlive it; any thread.
class Road {
 public:
  Road(const config::Connection& connection, RoadParts parts, RoadOptions options = {});

  pipedrive::Client& pipedrive() { return *pipedrive_; }
  pipedrive::PersonClient& pipedrive_persons() { return *pipedrive_persons_; }
  pipedrive::RecordsClient& pipedrive_records() { return *pipedrive_records_; }
  pipedrive::WebhookClient& pipedrive_webhooks() { return *pipedrive_webhooks_; }
  brevo::Client& brevo() { return *brevo_; }
  brevo::WebhookClient& brevo_webhooks() { return *brevo_webhooks_; }
  const std::string& connection() const { return connection_; }
  quota::BudgetSnapshot PipedriveBudget() const;
  quota::BudgetSnapshot BrevoBudget() const;
  std::vector<metrics::BudgetReading> ReadBudgets() const;
  // Reports both budgets to the ledger and takes this process's part of them. Blocks.
  absl::Status ShareBudgets(quota::Ledger& ledger, std::string_view member);
  absl::Status PipedriveHealth() const;
  absl::Status BrevoHealth() const { return pausing_brevo_.Health(); }
  // Calls are made with these from now on, and an account that rested because of its old one is
  // tried again. True for what is new.
  bool SetPipedriveToken(const Secret& token);
  bool SetBrevoKey(const Secret& key);
  // False where OAuth has no grant that is good.
  bool IsAuthorised() const { return !oauth_ || oauth_->Health().ok(); }
  quota::CircuitBreaker::State pipedrive_circuit() { return pipedrive_caller_.circuit_state(); }
  quota::CircuitBreaker::State brevo_circuit() { return brevo_caller_.circuit_state(); }
  // Null with an API token.
  edge::OAuthDoors* oauth_doors() { return oauth_ ? &oauth_->doors() : nullptr; }

 private:
  const std::string connection_;
  Clock& clock_;
  mutable quota::Budget pipedrive_budget_;
  mutable quota::Budget brevo_budget_;
  http::RetryingCaller pipedrive_caller_;
  http::RetryingCaller brevo_caller_;
  http::RetryingCaller reports_caller_;
  LiveSecret pipedrive_token_;
  LiveSecret brevo_key_;
  http::KeyedCaller keyed_pipedrive_;
  http::KeyedCaller keyed_brevo_;
  std::unique_ptr<OAuthRoad> oauth_;  // null with an API token
  http::PausingCaller pausing_pipedrive_;
  http::PausingCaller pausing_brevo_;
  std::unique_ptr<pipedrive::Client> pipedrive_;
  std::unique_ptr<pipedrive::PersonClient> pipedrive_persons_;
  std::unique_ptr<pipedrive::RecordsClient> pipedrive_records_;
  std::unique_ptr<pipedrive::WebhookClient> pipedrive_webhooks_;
  std::unique_ptr<brevo::Client> brevo_;
  std::unique_ptr<brevo::WebhookClient> brevo_webhooks_;
};

// The clock of the configuration: the machine's, or a faster one shared with a simulator.
SystemClock MakeClock(const config::ClockConfig& clock);

// FAILED_PRECONDITION names the setting.
absl::StatusOr<std::unique_ptr<http::Transport>> MakeTransport(const config::HttpConfig& http);

}  // namespace connector::app
