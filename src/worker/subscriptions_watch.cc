#include "worker/subscriptions_watch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "sync/missed_events.h"

namespace connector::worker {
namespace {

using Action = sync::SubscriptionStep::Action;
using sync::Subscription;

constexpr Duration kInterval = std::chrono::minutes(15);
constexpr Duration kFirstRetry = std::chrono::minutes(1);
constexpr Duration kCallDeadline = std::chrono::minutes(2);
// The last of Pipedrive's attempts begins after 183 s and takes 10 s at most; what has failed for
// longer is not tried any more.
constexpr Duration kAttemptsEnd = std::chrono::minutes(5);
// Without a delivery for so long, a run that finds changes shows that none will come.
constexpr Duration kSilence = std::chrono::hours(6);
// Runs among which one that wrote something is looked for.
constexpr int kRunsLookedAt = 100;

// Watermarks of an object's webhooks: until when they were in order; since when they were not, as
// long as what they missed is not queued.
std::string GoodMark(std::string_view object) {
  return absl::StrCat("webhooks_good/", ToAbsl(object));
}
std::string MissedMark(std::string_view object) {
  return absl::StrCat("webhooks_missed/", ToAbsl(object));
}

// "person" of "*.person".
std::string ObjectOf(const sync::SubscriptionStep& step) {
  return step.event.substr(step.event.find('.') + 1);
}

SourceObject ObjectNamed(std::string_view name) {
  for (const SourceObject object : {SourceObject::kPerson, SourceObject::kDeal}) {
    if (SourceObjectName(object) == name) return object;
  }
  return SourceObject::kOther;
}

bool MayHaveMissed(const sync::SubscriptionStep& step) {
  return step.action == Action::kCreate || step.action == Action::kReplace;
}

}  // namespace

SubscriptionsWatch::SubscriptionsWatch(sync::Subscriptions& subscriptions,
                                       const Connections& connections, Runs& runs, Clock& clock,
                                       const Logger& log)
    : subscriptions_(subscriptions),
      connections_(connections),
      runs_(runs),
      clock_(clock),
      log_(log) {}

void SubscriptionsWatch::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (clock_.SleepFor(Tick(stop), stop)) {
    }
  });
}

void SubscriptionsWatch::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

Duration SubscriptionsWatch::Tick(const std::stop_token& stop) {
  bool failed = false;
  for (const std::string& connection : subscriptions_.Names()) {
    if (!subscriptions_.WantsAny(connection)) continue;
    const absl::Status status = Look(connection, stop);
    if (status.ok() || stop.stop_requested()) continue;
    failed = true;
    log_.Warning("webhooks cannot be looked after",
                 {{"connection", connection}, {"error", status.ToString()}});
  }
  failures_ = failed ? failures_ + 1 : 0;
  if (!failed) return kInterval;
  return std::min<Duration>(kInterval, kFirstRetry * (1 << std::min(failures_ - 1, 4)));
}

absl::Status SubscriptionsWatch::Look(const std::string& connection, const std::stop_token& stop) {
  http::CallContext context;
  context.priority = quota::Priority::kWebhook;
  context.deadline = clock_.Now() + kCallDeadline;
  context.stop = stop;
  std::set<int64_t> failing;
  CONNECTOR_ASSIGN_OR_RETURN(
      const sync::Subscriptions::Report report,
      subscriptions_.Ensure(connection, /*dry_run=*/false, context, [&](const auto& existing) {
        for (const Subscription& one : existing) {
          if (sync::LastDeliveryFailed(one)) failing.insert(one.id);
        }
        return FindFaults(connection, existing);
      }));
  if (!subscriptions_.SettingsOf(connection)->url.empty()) {
    for (const std::string& warning : report.warnings) {
      log_.Warning("webhooks", {{"connection", connection}, {"text", warning}});
    }
  }
  bool missed = false;
  for (const auto* steps : {&report.steps, &report.brevo_steps}) {
    for (const sync::SubscriptionStep& step : *steps) {
      if (step.action == Action::kKeep) continue;
      missed |= MayHaveMissed(step);
      log_.Info(step.action == Action::kRemove ? "webhook removed" : "webhook created",
                {{"connection", connection},
                 {"api", steps == &report.steps ? "pipedrive" : "brevo"},
                 {"event", step.event},
                 {"why", step.why}});
    }
  }
  if (missed) FillGap(connection);
  const sync::Accounts* accounts = connections_.Find(connection);
  if (accounts == nullptr) return absl::OkStatus();
  for (const sync::SubscriptionStep& step : report.steps) {
    CONNECTOR_RETURN_IF_ERROR(Remember(*accounts, step, failing));
  }
  for (const std::string& object : subscriptions_.SettingsOf(connection)->objects) {
    CONNECTOR_RETURN_IF_ERROR(TellMissed(*accounts, object, context));
  }
  return absl::OkStatus();
}

absl::Status SubscriptionsWatch::Remember(const sync::Accounts& accounts,
                                          const sync::SubscriptionStep& step,
                                          const std::set<int64_t>& failing) {
  const std::string& connection = accounts.settings.connection;
  const std::string object = ObjectOf(step);
  if (MayHaveMissed(step)) {
    CONNECTOR_ASSIGN_OR_RETURN(const std::string good,
                               accounts.store.GetWatermark(connection, GoodMark(object)));
    CONNECTOR_ASSIGN_OR_RETURN(const std::string missed,
                               accounts.store.GetWatermark(connection, MissedMark(object)));
    // The very first subscription missed nothing.
    if (!good.empty() && missed.empty()) {
      CONNECTOR_RETURN_IF_ERROR(accounts.store.SetWatermark(connection, MissedMark(object), good));
    }
    return accounts.store.SetWatermark(connection, GoodMark(object), FormatSeconds(clock_.Now()));
  }
  if (step.action != Action::kKeep || failing.contains(step.id)) return absl::OkStatus();
  // What happened shortly before may still have been on its way.
  return accounts.store.SetWatermark(connection, GoodMark(object),
                                     FormatSeconds(clock_.Now() - kAttemptsEnd));
}

absl::Status SubscriptionsWatch::TellMissed(const sync::Accounts& accounts,
                                            const std::string& object,
                                            const http::CallContext& context) {
  const std::string& connection = accounts.settings.connection;
  CONNECTOR_ASSIGN_OR_RETURN(const std::string missed,
                             accounts.store.GetWatermark(connection, MissedMark(object)));
  const std::optional<Time> since = ParseTime(missed);
  if (!since) return absl::OkStatus();
  if (sync::TellsMissed(accounts.settings, ObjectNamed(object))) {
    CONNECTOR_RETURN_IF_ERROR(sync::QueueMissed(accounts, ObjectNamed(object), *since, context));
    log_.Info("queued what webhooks missed",
              {{"connection", connection}, {"object", object}, {"since", missed}});
  }
  return accounts.store.SetWatermark(connection, MissedMark(object), "");
}

sync::Faults SubscriptionsWatch::FindFaults(const std::string& connection,
                                            const std::vector<Subscription>& existing) {
  const Time now = clock_.Now();
  const std::optional<Time> wrote = LastWritingRun(connection);
  sync::Faults faults;
  for (const Subscription& one : existing) {
    const std::optional<Time> heard =
        one.last_delivery_time ? one.last_delivery_time : one.add_time;
    if (!heard) continue;
    if (sync::LastDeliveryFailed(one)) {
      if (now >= *heard + kAttemptsEnd) {
        faults[one.id] = absl::StrCat("has failed since ", FormatSeconds(*heard));
      }
    } else if (wrote && *wrote >= *heard + kSilence) {
      faults[one.id] =
          absl::StrCat("is silent since ", FormatSeconds(*heard), " though records have changed");
    }
  }
  return faults;
}

std::optional<Time> SubscriptionsWatch::LastWritingRun(const std::string& connection) {
  const auto runs = runs_.List(connection, kRunsLookedAt);
  if (!runs.ok()) return std::nullopt;
  for (const Run& run : *runs) {
    const bool changed = run.progress.created + run.progress.updated > 0;
    const bool counts = run.state == RunState::kSucceeded && !run.options.dry_run &&
                        !run.progress.full && !run.options.filtered();
    if (counts && changed) return run.started_at;
  }
  return std::nullopt;
}

// Only where a run of the kind has succeeded before: the first one is asked for by a person.
void SubscriptionsWatch::FillGap(const std::string& connection) {
  for (const RunKind kind : {RunKind::kPersons, RunKind::kDeals}) {
    const auto last = runs_.LastSucceeded(connection, kind);
    if (!last.ok() || !last->has_value()) continue;
    const auto submitted = runs_.Submit(connection, kind, RunOptions(), /*scheduled=*/true);
    if (!submitted.ok()) {
      log_.Error("cannot fill the gap of missed webhooks",
                 {{"connection", connection}, {"error", submitted.status().ToString()}});
    }
  }
}

}  // namespace connector::worker
