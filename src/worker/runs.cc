#include "worker/runs.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "base/strings.h"

namespace connector::worker {
namespace {

bool IsOn(const sync::Settings& settings, RunKind kind) {
  switch (kind) {
    case RunKind::kPersons:
      return settings.persons;
    case RunKind::kDeals:
      return settings.deals;
    case RunKind::kOrganizations:
      return settings.organizations;
    case RunKind::kActivities:
      return settings.activities;
    case RunKind::kLeads:
      return settings.leads;
  }
  return false;
}

}  // namespace

absl::StatusOr<std::string> Runs::ResolveConnection(std::string_view connection) const {
  if (connection.empty() && connections_.all().size() == 1) {
    return connections_.all().begin()->first;
  }
  if (connections_.Find(connection) != nullptr) return std::string(connection);
  const std::string known =
      absl::StrJoin(connections_.all(), ", ",
                    [](std::string* out, const auto& entry) { absl::StrAppend(out, entry.first); });
  return absl::NotFoundError(absl::StrCat("no connection named '", ToAbsl(connection),
                                          "'; configured: ", known.empty() ? "none" : known));
}

absl::StatusOr<store::Store::Submitted> Runs::Submit(std::string_view connection, RunKind kind,
                                                     RunOptions options, bool scheduled) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::string name, ResolveConnection(connection));
  const sync::Settings& settings = connections_.Find(name)->settings;
  if (!IsOn(settings, kind)) {
    const absl::string_view what = ToAbsl(RunKindName(kind));
    return absl::FailedPreconditionError(absl::StrCat(
        "syncing ", what, " is switched off: set connectors.pipedrive.sync.", what, " to true"));
  }
  Run run;
  run.id = random_.Hex(8);
  run.connection = name;
  run.kind = kind;
  run.options = std::move(options);
  run.created_at = clock_.Now();
  run.scheduled = scheduled;
  CONNECTOR_ASSIGN_OR_RETURN(auto submitted, store_.SubmitRun(run));
  {
    const std::lock_guard lock(mutex_);
    ++submitted_;
  }
  wake_.notify_all();
  return submitted;
}

absl::StatusOr<Run> Runs::Get(std::string_view connection, std::string_view id) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::string name, ResolveConnection(connection));
  return store_.GetRun(name, id);
}

absl::StatusOr<std::vector<Run>> Runs::List(std::string_view connection, int limit) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::string name, ResolveConnection(connection));
  return store_.ListRuns(name, limit);
}

absl::StatusOr<std::optional<Run>> Runs::LastSucceeded(std::string_view connection, RunKind kind) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::string name, ResolveConnection(connection));
  return store_.LastRun(name, kind, RunState::kSucceeded);
}

absl::StatusOr<Run> Runs::Cancel(std::string_view connection, std::string_view id) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::string name, ResolveConnection(connection));
  CONNECTOR_RETURN_IF_ERROR(store_.RequestCancel(name, id));
  return store_.GetRun(name, id);
}

absl::StatusOr<PlanPage> Runs::ReadPlan(std::string_view connection, std::string_view id,
                                        int64_t after_sequence, int limit) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::string name, ResolveConnection(connection));
  return store_.ReadPlan(name, id, after_sequence, limit);
}

absl::StatusOr<std::vector<Failure>> Runs::ListFailures(std::string_view connection,
                                                        std::string_view run_id, int64_t before_id,
                                                        int limit) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::string name, ResolveConnection(connection));
  return store_.ListFailures(name, run_id, before_id, limit);
}

absl::StatusOr<store::Store::QueueDepth> Runs::Depth(std::string_view connection) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::string name, ResolveConnection(connection));
  return store_.GetQueueDepth(name);
}

void Runs::WaitForWork(uint64_t& seen, Duration at_most, const std::stop_token& stop) {
  const std::stop_callback wake_on_stop(stop, [this] {
    // So that the stop can't fall between the look below and the wait.
    { const std::lock_guard lock(mutex_); }
    wake_.notify_all();
  });
  std::unique_lock lock(mutex_);
  if (submitted_ == seen && !stop.stop_requested()) clock_.WaitFor(wake_, lock, at_most);
  seen = submitted_;
}

}  // namespace connector::worker
