#include "app/status_source.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "cli/version.h"

namespace connector::app {
namespace {

// Among so many of the newest, unfinished runs and the last of each kind are looked for.
constexpr int kRunsRead = 200;
constexpr int kFailuresShown = 10;

Duration Seconds(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

std::vector<QuotaStatus> QuotasOf(const metrics::BudgetReading& budget) {
  std::vector<QuotaStatus> quotas;
  for (const metrics::LimitReading& limit : budget.limits) {
    quotas.push_back({std::string(limit.name), static_cast<int64_t>(limit.limit),
                      static_cast<int64_t>(limit.remaining), limit.headroom_ratio,
                      limit.reset_seconds, limit.estimate});
  }
  return quotas;
}

// The worst that is the matter; what needs a person comes first.
AccountStatus StatusOf(const metrics::BudgetReading& budget, const absl::Status& health,
                       bool authorised, quota::CircuitBreaker::State circuit, Time now) {
  AccountStatus status;
  status.quotas = QuotasOf(budget);
  if (!budget.pause.empty()) status.until = now + Seconds(budget.pause_seconds);
  if (!authorised) {
    status.state = AccountState::kNotAuthorised;
    status.detail = std::string(health.message());
  } else if (budget.pause == quota::ThrottleName(quota::Throttle::kBlocked)) {
    status.state = AccountState::kBlocked;
    status.detail = "the vendor's firewall turned us away; all traffic rests";
  } else if (!health.ok()) {
    status.state = AccountState::kCredentialRefused;
    status.detail = std::string(health.message());
  } else if (budget.pause == quota::ThrottleName(quota::Throttle::kDaily)) {
    status.state = AccountState::kQuotaSpent;
    status.detail = "the day's quota is spent; work goes on when it is renewed";
  } else if (circuit != quota::CircuitBreaker::State::kClosed) {
    status.state = AccountState::kUnreachable;
    status.detail = "most calls fail; one is tried from time to time, see the vendor's status page";
  }
  return status;
}

}  // namespace

ServiceStatus StatusSource::Read() const {
  ServiceStatus status;
  status.version = cli::kVersion;
  status.started_at = started_at_;
  status.now = parts_.clock.Now();
  const edge::Readiness readiness = parts_.readiness();
  status.ready = readiness.ready();
  for (const edge::Readiness::Part& part : readiness.parts) {
    if (!part.ok) status.problems.push_back(absl::StrCat(part.name, ": ", part.detail));
  }
  for (const Account& account : accounts_) {
    status.connections.push_back(ReadConnection(account));
    const ConnectionStatus& one = status.connections.back();
    // What readiness does not speak of: it passes by itself, but people should know.
    for (const auto& [api, side] :
         {std::pair("pipedrive", &one.pipedrive), {"brevo", &one.brevo}}) {
      const bool told = side->state == AccountState::kOk ||
                        side->state == AccountState::kCredentialRefused ||
                        side->state == AccountState::kNotAuthorised;
      if (!told) {
        status.problems.push_back(absl::StrCat(one.connection, "/", api, ": ", side->detail));
      }
    }
  }
  return status;
}

ConnectionStatus StatusSource::ReadConnection(const Account& account) const {
  ConnectionStatus status;
  status.connection = account.connection;
  const Time now = parts_.clock.Now();
  Road& road = account.road;
  for (const metrics::BudgetReading& budget : road.ReadBudgets()) {
    if (budget.api == "pipedrive") {
      status.pipedrive = StatusOf(budget, road.PipedriveHealth(), road.IsAuthorised(),
                                  road.pipedrive_circuit(), now);
    } else {
      status.brevo = StatusOf(budget, road.BrevoHealth(), true, road.brevo_circuit(), now);
    }
  }
  if (const auto depth = parts_.runs.Depth(account.connection); depth.ok()) {
    status.contacts = {depth->dirty_contacts, depth->oldest_mark};
    status.inbox = {depth->inbox_events, depth->oldest_inbox};
    status.outbox = {depth->outbox_events, depth->oldest_outbox};
    status.open_imports = depth->open_imports;
    status.failure_count = depth->failures;
  }
  ReadRuns(status);
  status.last_pipedrive_webhook =
      parts_.intake.LastDelivery(account.connection, store::EventSource::kPipedrive);
  status.last_brevo_webhook =
      parts_.intake.LastDelivery(account.connection, store::EventSource::kBrevo);
  return status;
}

// A store that can't be read is what /readyz speaks of.
void StatusSource::ReadRuns(ConnectionStatus& status) const {
  if (auto failures = parts_.runs.ListFailures(status.connection, "", 0, kFailuresShown);
      failures.ok()) {
    status.failures = *std::move(failures);
  }
  auto runs = parts_.runs.List(status.connection, kRunsRead);
  if (!runs.ok()) return;
  std::set<RunKind> seen;
  std::vector<Run> ended;
  for (Run& run : *runs) {
    if (!IsFinal(run.state)) {
      status.runs.push_back(std::move(run));
    } else if (seen.insert(run.kind).second) {
      ended.push_back(std::move(run));
    }
  }
  std::move(ended.begin(), ended.end(), std::back_inserter(status.runs));
}

std::vector<worker::StatusHistory::Sample> StatusSource::Sample() const {
  std::vector<worker::StatusHistory::Sample> samples;
  for (const Account& account : accounts_) {
    for (const metrics::BudgetReading& budget : account.road.ReadBudgets()) {
      for (const metrics::LimitReading& limit : budget.limits) {
        samples.push_back(
            {absl::StrCat(account.connection, "/", ToAbsl(budget.api), "/", ToAbsl(limit.name)),
             limit.headroom_ratio});
      }
    }
    const auto depth = parts_.runs.Depth(account.connection);
    if (!depth.ok()) continue;
    for (const auto& [name, value] : {std::pair("contacts", depth->dirty_contacts),
                                      {"inbox", depth->inbox_events},
                                      {"outbox", depth->outbox_events}}) {
      samples.push_back(
          {absl::StrCat(account.connection, "/queue/", name), static_cast<double>(value)});
    }
  }
  return samples;
}

double StatusSource::SilenceSeconds(std::string_view connection, store::EventSource source) const {
  const Time last = parts_.intake.LastDelivery(connection, source).value_or(started_at_);
  return std::max(0.0, std::chrono::duration<double>(parts_.clock.Now() - last).count());
}

}  // namespace connector::app
