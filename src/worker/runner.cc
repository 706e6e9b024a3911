#include "worker/runner.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "sync/activities_run.h"
#include "sync/deals_run.h"
#include "sync/leads_run.h"
#include "sync/organizations_run.h"
#include "sync/persons_run.h"

namespace connector::worker {
namespace {

// How often a runner looks for runs that another replica inserted or a dead one left behind.
constexpr Duration kLookAround = std::chrono::seconds(2);
// After an error of the store itself.
constexpr Duration kStoreTrouble = std::chrono::seconds(5);

absl::Status Dispatch(const sync::Accounts& accounts, sync::RunSession& session) {
  switch (session.run().kind) {
    case RunKind::kPersons:
      return sync::RunPersons(accounts, session);
    case RunKind::kDeals:
      return sync::RunDeals(accounts, session);
    case RunKind::kOrganizations:
      return sync::RunOrganizations(accounts, session);
    case RunKind::kActivities:
      return sync::RunActivities(accounts, session);
    case RunKind::kLeads:
      return sync::RunLeads(accounts, session);
  }
  return absl::UnimplementedError(
      absl::StrCat("this version cannot run ", ToAbsl(RunKindName(session.run().kind))));
}

// How soon a run notices that it was cancelled or taken over.
constexpr Duration kHeartbeat = std::chrono::seconds(2);

// Prolongs a session's lease, and looks for a cancel, until it is destroyed.
class Heartbeat {
 public:
  Heartbeat(sync::RunSession& session, Clock& clock, Duration lease)
      : thread_([&session, &clock, lease](const std::stop_token& stop) {
          while (clock.SleepFor(std::min(kHeartbeat, lease / 3), stop))
            session.Renew(clock.Now() + lease);
        }) {}

 private:
  std::jthread thread_;
};

}  // namespace

Runner::Runner(Options options, store::Store& store, const Connections& connections, Runs& runs,
               Clock& clock, const Logger& log)
    : options_(std::move(options)),
      store_(store),
      connections_(connections),
      runs_(runs),
      clock_(clock),
      log_(log) {}

void Runner::Start() {
  for (int i = 0; i < options_.threads; ++i) {
    threads_.emplace_back([this, owner = absl::StrCat(options_.owner, "/", i)](
                              const std::stop_token& stop) { Loop(stop, owner); });
  }
}

void Runner::Stop() {
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

void Runner::Loop(const std::stop_token& stop, const std::string& owner) {
  uint64_t seen = 0;
  while (!stop.stop_requested()) {
    absl::StatusOr<std::optional<Run>> run = store_.LeaseRun(owner, clock_.Now(), options_.lease);
    if (!run.ok()) {
      log_.Error("cannot look for runs", {{"error", run.status().ToString()}});
      clock_.SleepFor(kStoreTrouble, stop);
    } else if (run->has_value()) {
      Execute(**std::move(run), owner, stop);
    } else {
      runs_.WaitForWork(seen, kLookAround, stop);
    }
  }
}

void Runner::Execute(Run run, const std::string& owner, const std::stop_token& stop) {
  log_.Info("run taken", {{"run", run.id},
                          {"connection", run.connection},
                          {"kind", RunKindName(run.kind)},
                          {"phase", RunPhaseName(run.progress.phase)}});
  const sync::Accounts* accounts = connections_.Find(run.connection);
  sync::RunSession session(std::move(run), owner, store_, stop);
  absl::Status outcome;
  {
    const Heartbeat heartbeat(session, clock_, options_.lease);
    outcome = accounts != nullptr
                  ? Dispatch(*accounts, session)
                  : absl::FailedPreconditionError("its connection is not configured any more");
  }
  Finish(session, outcome);
}

void Runner::Finish(sync::RunSession& session, const absl::Status& outcome) {
  const Run& run = session.run();
  absl::Status booked;
  RunState state = RunState::kSucceeded;
  const absl::Status stopped = session.CheckGoOn();
  if (absl::IsAborted(stopped)) {
    booked = store_.ReleaseRun(session.Update());
    log_.Info("run given back", {{"run", run.id}, {"why", ToStd(stopped.message())}});
  } else {
    if (absl::IsCancelled(stopped)) {
      state = RunState::kCancelled;
    } else if (!outcome.ok()) {
      state = RunState::kFailed;
    }
    const std::string error =
        state == RunState::kFailed ? std::string(ToStd(outcome.message())) : "";
    booked = state == RunState::kSucceeded
                 ? store_.SucceedRun(session.Update(), session.watermarks(), clock_.Now())
                 : store_.FinishRun(session.Update(), state, error, clock_.Now());
    const sync::Accounts* accounts = connections_.Find(run.connection);
    if (booked.ok() && accounts != nullptr) {
      accounts->metrics.OnRunEnded(run.connection, RunKindName(run.kind), RunStateName(state),
                                   clock_.Now() - run.started_at.value_or(run.created_at));
    }
    log_.Log(state == RunState::kFailed ? LogLevel::kError : LogLevel::kInfo, "run ended",
             {{"run", run.id},
              {"state", RunStateName(state)},
              {"read", run.progress.read},
              {"created", run.progress.created},
              {"updated", run.progress.updated},
              {"error", error}});
  }
  if (!booked.ok()) {
    log_.Error("cannot book the end of a run", {{"run", run.id}, {"error", booked.ToString()}});
  }
}

}  // namespace connector::worker
