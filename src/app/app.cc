#include "app/app.h"

#include <array>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "app/doors.h"
#include "app/secrets.h"
#include "app/settings.h"
#include "base/process.h"
#include "base/status.h"
#include "brevo/webhook_decoder.h"
#include "cli/version.h"

namespace connector::app {
namespace {

// Of real time, for calls and answers under way when the service is told to stop.
constexpr Duration kDrain = std::chrono::seconds(5);
// Calls that are on their way when the stop begins, about a round trip, are still answered. gRPC
// itself ends what arrives while it shuts down as CANCELLED (grpc/grpc#41785), which no client
// repeats.
constexpr Duration kLastCalls = std::chrono::milliseconds(100);
// Kubernetes brings a changed Secret into the pod within a minute or so; this adds little.
constexpr Duration kReloadInterval = std::chrono::seconds(10);
// Runs at the same time; each holds one page and one import body.
constexpr int kRunners = 2;

LogLevel LevelOf(const std::string& name) {
  if (name == "debug") return LogLevel::kDebug;
  if (name == "warning") return LogLevel::kWarning;
  return name == "error" ? LogLevel::kError : LogLevel::kInfo;
}

rpc::TransportSecurity SecurityOf(const config::ServerConfig& server,
                                  std::shared_ptr<const rpc::Tokens> tokens) {
  rpc::TransportSecurity security;
  security.cert_file = server.grpc_tls.cert_file;
  security.key_file = server.grpc_tls.key_file;
  security.client_ca_file = server.grpc_tls.client_ca_file;
  security.insecure = server.grpc_insecure;
  security.tokens = std::move(tokens);
  return security;
}

std::shared_ptr<edge::PeerLimits> LimitsOf(const config::ServerConfig& server, const Clock& clock) {
  edge::PeerLimits::Options options;
  options.requests_per_second = server.public_requests_per_second;
  options.max_connections = static_cast<size_t>(server.public_connections_per_address);
  options.trusted_proxies = edge::Networks(server.public_trusted_proxies);
  return std::make_shared<edge::PeerLimits>(std::move(options), clock);
}

// Of the newest so many: unfinished ones are among them, since there is one of a kind at most.
constexpr int kRunsCounted = 500;

std::vector<std::pair<std::string_view, int64_t>> CountRuns(worker::Runs& runs,
                                                            const std::string& connection) {
  std::map<RunState, int64_t> counts;
  for (const RunState state : {RunState::kQueued, RunState::kRunning, RunState::kSucceeded,
                               RunState::kFailed, RunState::kCancelled}) {
    counts[state] = 0;
  }
  const auto listed = runs.List(connection, kRunsCounted);
  if (!listed.ok()) return {};
  for (const Run& run : *listed) ++counts[run.state];
  std::vector<std::pair<std::string_view, int64_t>> named;
  for (const auto& [state, count] : counts) named.emplace_back(RunStateName(state), count);
  return named;
}

}  // namespace

App::App(config::Config config, std::function<config::Loaded()> reload)
    : config_(std::move(config)),
      reload_(std::move(reload)),
      clock_(MakeClock(config_.clock)),
      owner_(random_.Hex(8)),
      log_(clock_, LevelOf(config_.log_level)),
      http_metrics_(registry_),
      sync_metrics_(registry_),
      oauth_metrics_(registry_),
      webhook_metrics_(registry_),
      store_metrics_(registry_),
      interactive_({}, clock_),
      searches_(connections_, interactive_, clock_),
      stages_(connections_, interactive_, random_),
      inquiries_(connections_, interactive_, random_) {}

App::~App() { Stop(); }

absl::Status App::Start() {
  const auto on_error = [this](std::string_view operation, std::string_view code) {
    store_metrics_.OnError(operation, code);
  };
  CONNECTOR_ASSIGN_OR_RETURN(storage_, OpenStorage(config_, clock_, on_error));
  CONNECTOR_ASSIGN_OR_RETURN(transport_, MakeTransport(config_.http));
  WireConnections();
  runs_.emplace(*storage_.store, connections_, clock_, random_);
  interactive_.Start();
  WireLive();
  const auto wake = [this](const std::string& connection) {
    const auto live = live_.find(connection);
    if (live != live_.end()) live->second->OnEventStored();
  };
  const auto company = [this](const std::string& connection) {
    const auto live = live_.find(connection);
    return live == live_.end() ? 0 : live->second->company_id();
  };
  intake_.emplace(IntakeSources(config_, wake, company), *storage_.store, clock_, webhook_metrics_);
  retries_.emplace(*storage_.store, *intake_);
  status_source_.emplace(
      StatusSource::Parts{*runs_, *intake_, clock_, [this] { return CheckReadiness(); }});
  for (const auto& wired : wired_) status_source_->Add(wired->road.connection(), wired->road);
  history_.emplace([this] { return status_source_->Sample(); }, clock_);
  metrics::AddQuotaMetrics(registry_, [this] { return ReadBudgets(); });
  sync_metrics_.ReadWorkFrom([this] { return ReadWork(); });
  webhook_metrics_.ReadSilenceFrom([this] { return ReadSilence(); });
  metrics::AddProcessMetrics(registry_, cli::kVersion, ProcessStartTime());
  CONNECTOR_RETURN_IF_ERROR(OpenListeners());
  StartWork();
  return absl::OkStatus();
}

void App::WireConnections() {
  for (const config::Connection& connection : config_.connections) {
    if (!connection.pipedrive.enabled) continue;
    wired_.push_back(std::make_unique<Wired>(
        connection, RoadParts{*transport_, http_metrics_, clock_, random_, log_,
                              storage_.store.get(), &oauth_metrics_}));
    Wired& wired = *wired_.back();
    connections_.Add({SettingsOf(connection), wired.road.pipedrive(),
                      wired.road.pipedrive_persons(), wired.road.brevo(), *storage_.store, clock_,
                      log_, sync_metrics_, wired.phones});
    records_.Add(connection.name, {wired.road.pipedrive(), wired.road.pipedrive_records(),
                                   wired.road.pipedrive_persons()});
    subscriptions_.Add(connection.name, wired.road.pipedrive_webhooks(),
                       SubscriptionsOf(connection));
    const config::DoorConfig& door = connection.brevo.webhook;
    subscriptions_.AddBrevo(connection.name, wired.road.brevo_webhooks(),
                            {sync::DoorUrl(door.public_url, edge::kBrevoDoor), door.token});
  }
}

absl::Status App::OpenListeners() {
  door_ring_ = std::make_shared<edge::DoorRing>(PipedriveDoorKeys(config_));
  if (!config_.server.grpc_tokens.empty()) {
    tokens_ = std::make_shared<rpc::Tokens>(SplitSecrets(config_.server.grpc_tokens));
  }
  edge::AdminSources sources;
  sources.metrics = [this] { return registry_.Serialize(); };
  sources.readiness = [this] { return CheckReadiness(); };
  sources.status = [this] { return status_source_->Read(); };
  sources.history = [this] { return history_->Get(); };
  absl::StatusOr<std::unique_ptr<edge::HttpServer>> admin =
      edge::MakeAdminServer(config_.server.admin_listen, std::move(sources));
  if (!admin.ok()) return Annotate(admin.status(), "server.admin.listen");
  admin_ = *std::move(admin);
  absl::StatusOr<std::unique_ptr<edge::HttpServer>> doors = edge::MakePublicServer(
      config_.server.public_listen, PublicRoutes(),
      [this](std::string_view route, int status) {
        webhook_metrics_.OnPublicAnswer(route, status);
      },
      LimitsOf(config_.server, clock_));
  if (!doors.ok()) return Annotate(doors.status(), "server.public.listen");
  public_ = *std::move(doors);
  CONNECTOR_ASSIGN_OR_RETURN(
      rpc_, rpc::MakeServer(
                {config_.server.grpc_listen, SecurityOf(config_.server, tokens_)},
                {*runs_, searches_, stages_, *intake_, *retries_, subscriptions_, records_,
                 interactive_, inquiries_, clock_, [this] { return status_source_->Read(); }}));
  return absl::OkStatus();
}

// Strangers get in here: a door without a configured secret answers, but lets nobody through.
std::vector<edge::Route> App::PublicRoutes() {
  std::vector<edge::Route> routes = edge::PipedriveWebhookRoutes(
      PipedriveDoorKeys(config_), *intake_, webhook_metrics_, log_, door_ring_);
  for (edge::Route& route : edge::BrevoWebhookRoutes(
           BrevoDoorKeys(config_), brevo::kMaxWebhookBytes, *intake_, webhook_metrics_, log_)) {
    routes.push_back(std::move(route));
  }
  for (const auto& wired : wired_) {
    if (edge::OAuthDoors* doors = wired->road.oauth_doors()) {
      for (edge::Route& route : doors->Routes()) routes.push_back(std::move(route));
    }
  }
  return routes;
}

void App::ShareBudgets() {
  std::vector<worker::BudgetShares::Share> shares;
  for (const auto& wired : wired_) {
    if (storage_.ledger == nullptr) break;
    shares.emplace_back(
        [this, &road = wired->road] { return road.ShareBudgets(*storage_.ledger, owner_); });
  }
  budget_shares_.emplace(std::move(shares), clock_, log_);
  budget_shares_->Start();
}

void App::StartWork() {
  ShareBudgets();
  upkeep_.emplace(*storage_.store, clock_, log_);
  upkeep_->Start();
  history_->Start();
  worker::Runner::Options options;
  options.owner = owner_;
  options.threads = kRunners;
  runner_.emplace(options, *storage_.store, connections_, *runs_, clock_, log_);
  runner_->Start();
  for (const auto& [name, live] : live_) live->Start();
  scheduler_.emplace(ScheduleOf(config_), *runs_, clock_, random_, log_);
  scheduler_->Start();
  subscriptions_watch_.emplace(subscriptions_, connections_, *runs_, clock_, log_);
  subscriptions_watch_->Start();
  if (!reload_) return;
  reloading_ = std::jthread([this](const std::stop_token& stop) {
    SystemClock real_time;  // files change by it
    while (real_time.SleepFor(kReloadInterval, stop)) ReloadSecrets();
  });
}

void App::ReloadSecrets() {
  const std::lock_guard lock(reload_mutex_);
  if (!reload_) return;
  const config::Loaded loaded = reload_();
  if (!loaded.ok()) return log_.Debug("secrets are not reloaded: the configuration has errors");
  for (const config::Connection& connection : loaded.config.connections) {
    for (const auto& wired : wired_) {
      if (wired->road.connection() != connection.name) continue;
      if (wired->road.SetPipedriveToken(connection.pipedrive.api_token)) {
        log_.Info("secret reloaded", {{"connection", connection.name}, {"key", "api_token"}});
      }
      if (wired->road.SetBrevoKey(connection.brevo.api_key)) {
        log_.Info("secret reloaded", {{"connection", connection.name}, {"key", "api_key"}});
      }
    }
  }
  door_ring_->Set(PipedriveDoorKeys(loaded.config));
  // Tokens that are gone altogether would open the door: that takes a restart.
  const Secret& tokens = loaded.config.server.grpc_tokens;
  if (tokens_ && !tokens.empty()) tokens_->Set(SplitSecrets(tokens));
}

// Before the doors open, which wake what is wired here.
void App::WireLive() {
  for (const auto& [name, accounts] : connections_.all()) {
    if (!accounts.settings.persons) continue;
    live_.emplace(
        name, std::make_unique<Live>(accounts, owner_, config_.workers, random_, webhook_metrics_));
  }
}

void App::Stop() {
  reloading_.request_stop();
  if (reloading_.joinable()) reloading_.join();
  if (intake_) intake_->EndWaits();
  if (public_) public_->Stop(kDrain);
  for (const auto& wired : wired_) {
    if (edge::OAuthDoors* doors = wired->road.oauth_doors()) doors->Stop();
  }
  if (rpc_) rpc_->AnnounceStop();
  SystemClock real_time;
  interactive_.Drain(kLastCalls, kDrain, real_time);
  interactive_.Stop();
  if (rpc_) rpc_->Stop(kDrain);
  if (intake_) intake_->Stop();
  if (subscriptions_watch_) subscriptions_watch_->Stop();
  if (scheduler_) scheduler_->Stop();
  for (const auto& [name, live] : live_) live->Stop();
  if (runner_) runner_->Stop();
  if (upkeep_) upkeep_->Stop();
  if (history_) history_->Stop();
  if (budget_shares_) budget_shares_->Stop();
  if (admin_) admin_->Stop(kDrain);
}

std::string App::Addresses() const {
  const auto bound = [](const std::string& listen, int port) {
    return absl::StrCat(listen.substr(0, listen.rfind(':')), ":", port);
  };
  return absl::StrCat("grpc=", bound(config_.server.grpc_listen, rpc_->port()),
                      " admin=", bound(config_.server.admin_listen, admin_->port()),
                      " public=", bound(config_.server.public_listen, public_->port()));
}

edge::Readiness App::CheckReadiness() {
  edge::Readiness readiness;
  const auto add = [&readiness](std::string name, const absl::Status& status) {
    readiness.parts.push_back({std::move(name), status.ok(), std::string(status.message())});
  };
  add("store",
      runs_->Depth(connections_.all().empty() ? "" : connections_.all().begin()->first).status());
  for (size_t i = 0; i < wired_.size(); ++i) {
    const std::string& name = std::next(connections_.all().begin(), static_cast<int>(i))->first;
    const Road& road = wired_[i]->road;
    add(absl::StrCat(name, "/pipedrive"), road.PipedriveHealth());
    add(absl::StrCat(name, "/brevo"), road.BrevoHealth());
  }
  return readiness;
}

std::vector<metrics::BudgetReading> App::ReadBudgets() const {
  std::vector<metrics::BudgetReading> readings;
  for (const auto& wired : wired_) {
    for (metrics::BudgetReading& reading : wired->road.ReadBudgets()) {
      readings.push_back(std::move(reading));
    }
  }
  return readings;
}

// Where nobody was asked to call, silence is no news.
std::vector<metrics::WebhookMetrics::Silence> App::ReadSilence() const {
  std::vector<metrics::WebhookMetrics::Silence> silences;
  for (const config::Connection& connection : config_.connections) {
    if (!connection.pipedrive.enabled) continue;
    const auto add = [&](std::string_view name, store::EventSource source) {
      silences.push_back(
          {connection.name, name, status_source_->SilenceSeconds(connection.name, source)});
    };
    if (!connection.pipedrive.webhook.public_url.empty()) {
      add("pipedrive", store::EventSource::kPipedrive);
    }
    if (!connection.brevo.webhook.public_url.empty()) add("brevo", store::EventSource::kBrevo);
  }
  return silences;
}

std::vector<metrics::WorkReading> App::ReadWork() {
  std::vector<metrics::WorkReading> readings;
  for (const auto& [name, accounts] : connections_.all()) {
    const absl::StatusOr<store::Store::QueueDepth> depth = runs_->Depth(name);
    if (!depth.ok()) continue;
    metrics::WorkReading reading;
    reading.connection = name;
    reading.dirty_contacts = depth->dirty_contacts;
    reading.open_imports = depth->open_imports;
    reading.runs = CountRuns(*runs_, name);
    reading.inbox = depth->inbox_events;
    reading.outbox = depth->outbox_events;
    reading.open_failures = depth->failures;
    if (depth->oldest_mark) {
      reading.oldest_mark_seconds =
          std::chrono::duration<double>(clock_.Now() - *depth->oldest_mark).count();
    }
    readings.push_back(std::move(reading));
  }
  return readings;
}

}  // namespace connector::app
