#include "app/road.h"

#include <utility>

#include "base/status.h"
#include "cli/version.h"
#include "http/budget_reading.h"
#include "http/curl_transport.h"

namespace connector::app {
namespace {

bool UsesOAuth(const config::Connection& connection, const RoadParts& parts) {
  return !connection.pipedrive.oauth.client_id.empty() && parts.store != nullptr;
}

quota::Budget::Options BudgetOf(quota::Api api, const config::Connection& connection,
                                quota::Credential credential = quota::Credential::kApiToken) {
  const bool is_pipedrive = api == quota::Api::kPipedrive;
  quota::Budget::Options options;
  options.api = api;
  options.plan = is_pipedrive ? connection.pipedrive.plan : connection.brevo.plan;
  options.seats = is_pipedrive ? connection.pipedrive.seats : 0;
  options.credential = credential;
  options.reserve.share = connection.reserved_share;
  return options;
}

http::RetryingCaller::Options CallerOf(quota::Api api, const std::string& connection,
                                       const RoadOptions& road) {
  http::RetryingCaller::Options options;
  options.api = api;
  options.connection = connection;
  options.retry.max_attempts = road.attempts;
  options.longest_wait = road.longest_wait;
  return options;
}

pipedrive::Options PipedriveOf(const config::PipedriveConfig& config, bool oauth) {
  pipedrive::Options options;
  if (!oauth) {
    options.base_url = config.api_base_url;
    options.api_token = config.api_token;
  }
  options.version =
      config.api_version == "v1" ? pipedrive::ApiVersion::kV1 : pipedrive::ApiVersion::kV2;
  return options;
}

}  // namespace

Road::Road(const config::Connection& connection, RoadParts parts, RoadOptions options)
    : connection_(connection.name),
      clock_(parts.clock),
      pipedrive_budget_(BudgetOf(
          quota::Api::kPipedrive, connection,
          UsesOAuth(connection, parts) ? quota::Credential::kOAuth : quota::Credential::kApiToken)),
      brevo_budget_(BudgetOf(quota::Api::kBrevo, connection)),
      pipedrive_caller_(CallerOf(quota::Api::kPipedrive, connection_, options),
                        {parts.transport, pipedrive_budget_, parts.metrics, parts.clock,
                         parts.random, parts.log}),
      brevo_caller_(
          CallerOf(quota::Api::kBrevo, connection_, options),
          {parts.transport, brevo_budget_, parts.metrics, parts.clock, parts.random, parts.log}),
      // Report files lie on another host: what fails there says nothing about the account.
      reports_caller_(
          CallerOf(quota::Api::kBrevo, connection_, options),
          {parts.transport, brevo_budget_, parts.metrics, parts.clock, parts.random, parts.log}),
      pipedrive_token_(connection.pipedrive.api_token),
      brevo_key_(connection.brevo.api_key),
      keyed_pipedrive_("x-api-token", pipedrive_token_, pipedrive_caller_),
      keyed_brevo_("api-key", brevo_key_, brevo_caller_),
      oauth_(UsesOAuth(connection, parts)
                 ? std::make_unique<OAuthRoad>(connection, parts, pipedrive_budget_,
                                               pipedrive_caller_,
                                               [this] { pausing_pipedrive_.Resume(); })
                 : nullptr),
      pausing_pipedrive_({.api = "pipedrive", .connection = connection_},
                         oauth_ ? oauth_->caller() : static_cast<http::Caller&>(keyed_pipedrive_),
                         parts.clock, parts.log),
      pausing_brevo_({.api = "brevo", .connection = connection_}, keyed_brevo_, parts.clock,
                     parts.log),
      pipedrive_(pipedrive::MakeClient(PipedriveOf(connection.pipedrive, oauth_ != nullptr),
                                       pausing_pipedrive_)),
      pipedrive_persons_(pipedrive::MakePersonClient(
          PipedriveOf(connection.pipedrive, oauth_ != nullptr), pausing_pipedrive_)),
      pipedrive_records_(pipedrive::MakeRecordsClient(
          PipedriveOf(connection.pipedrive, oauth_ != nullptr), pausing_pipedrive_)),
      pipedrive_webhooks_(pipedrive::MakeWebhookClient(
          PipedriveOf(connection.pipedrive, oauth_ != nullptr), pausing_pipedrive_)),
      brevo_(brevo::MakeClient({connection.brevo.api_base_url, connection.brevo.api_key},
                               pausing_brevo_, reports_caller_)),
      brevo_webhooks_(brevo::MakeWebhookClient(
          {connection.brevo.api_base_url, connection.brevo.api_key}, pausing_brevo_)) {}

bool Road::SetPipedriveToken(const Secret& token) {
  if (!pipedrive_token_.Set(token)) return false;
  if (!oauth_) pausing_pipedrive_.Resume();
  return true;
}

bool Road::SetBrevoKey(const Secret& key) {
  if (!brevo_key_.Set(key)) return false;
  pausing_brevo_.Resume();
  return true;
}

// Without a grant nothing has been refused yet, and nothing can work.
absl::Status Road::PipedriveHealth() const {
  if (oauth_) CONNECTOR_RETURN_IF_ERROR(oauth_->Health());
  return pausing_pipedrive_.Health();
}

quota::BudgetSnapshot Road::PipedriveBudget() const {
  return pipedrive_budget_.Snapshot(clock_.Now());
}

quota::BudgetSnapshot Road::BrevoBudget() const { return brevo_budget_.Snapshot(clock_.Now()); }

std::vector<metrics::BudgetReading> Road::ReadBudgets() const {
  const Time now = clock_.Now();
  auto pipedrive = http::ReadBudget(quota::Api::kPipedrive, connection_, pipedrive_budget_, now);
  pipedrive.refused = !PipedriveHealth().ok();
  auto brevo = http::ReadBudget(quota::Api::kBrevo, connection_, brevo_budget_, now);
  brevo.refused = !BrevoHealth().ok();
  return {std::move(pipedrive), std::move(brevo)};
}

absl::Status Road::ShareBudgets(quota::Ledger& ledger, std::string_view member) {
  const Time now = clock_.Now();
  CONNECTOR_RETURN_IF_ERROR(
      pipedrive_budget_.ShareThrough(ledger, absl::StrCat(connection_, "/pipedrive"), member, now));
  return brevo_budget_.ShareThrough(ledger, absl::StrCat(connection_, "/brevo"), member, now);
}

SystemClock MakeClock(const config::ClockConfig& clock) {
  return SystemClock(clock.scale, Time(std::chrono::duration_cast<Duration>(
                                      std::chrono::duration<double>(clock.origin_unix_seconds))));
}

absl::StatusOr<std::unique_ptr<http::Transport>> MakeTransport(const config::HttpConfig& http) {
  http::CurlTransport::Options options;
  options.version = cli::kVersion;
  options.http2 = http.http2;
  options.proxy = http.proxy;
  options.ca_file = http.ca_file;
  options.connect_timeout = http.connect_timeout;
  CONNECTOR_ASSIGN_OR_RETURN(auto transport, http::CurlTransport::Make(std::move(options)));
  return transport;
}

}  // namespace connector::app
