#include "sync/activities_run.h"

#include <string>

#include "base/status.h"
#include "base/time_format.h"
#include "sync/record_run.h"
#include "sync/seen_up_to.h"
#include "sync/walk_activities.h"
#include "sync/walk_parts.h"

namespace connector::sync {
namespace {

// Since when activities are told: the first run less the backfill. Kept in a cursor until the run
// succeeds, so that one that is cut off begins where it began.
absl::StatusOr<Time> TellsFrom(const Accounts& accounts, RunSession& session) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::string known,
                             session.work().GetWatermark(session.connection(), kActivitiesFrom));
  if (const auto time = ParseTime(known)) return *time;
  CONNECTOR_ASSIGN_OR_RETURN(const store::Cursor noted,
                             session.work().GetCursor(session.lease(), kActivitiesFrom));
  if (const auto time = ParseTime(noted.value)) return *time;
  const Time from = std::chrono::floor<std::chrono::seconds>(accounts.clock.Now() -
                                                             accounts.settings.activity_backfill);
  CONNECTOR_RETURN_IF_ERROR(
      session.work()
          .FinishActivitiesPage(session.Update(), kActivitiesFrom, {FormatSeconds(from), true}, {})
          .status());
  return from;
}

absl::StatusOr<ActivitiesWalk> WalkFor(const Accounts& accounts, RunSession& session) {
  const RunOptions& options = session.run().options;
  ActivitiesWalk walk;
  if (options.filtered()) {  // who names activities wants them told, however old they are
    walk.filter_id = options.filter_id;
    walk.ids = options.ids;
    return walk;
  }
  CONNECTOR_ASSIGN_OR_RETURN(walk.from, TellsFrom(accounts, session));
  CONNECTOR_ASSIGN_OR_RETURN(const std::string since,
                             session.work().GetWatermark(session.connection(), kActivitiesSince));
  const auto known = ParseTime(since);
  walk.since = walk.from;
  session.progress().full = options.mode == RunMode::kFull || !known;
  if (!session.progress().full) walk.since = *known - kOverlap;
  return walk;
}

absl::Status Read(const Accounts& accounts, const Planning& planning, RunSession& session) {
  CONNECTOR_ASSIGN_OR_RETURN(const ActivitiesWalk walk, WalkFor(accounts, session));
  CONNECTOR_RETURN_IF_ERROR(WalkActivities(accounts, planning, session, walk));
  if (walk.filtered()) return absl::OkStatus();
  CONNECTOR_ASSIGN_OR_RETURN(std::string seen,
                             SeenUpTo(session, kActivitiesSince, kActivitiesSince));
  session.MoveOnSuccess(kActivitiesSince, std::move(seen));
  session.MoveOnSuccess(kActivitiesFrom, FormatSeconds(*walk.from));
  return absl::OkStatus();
}

}  // namespace

absl::Status RunActivities(const Accounts& accounts, RunSession& session) {
  if (!accounts.settings.event_rules.Concern(SourceObject::kActivity)) {
    session.Warn(
        "nothing was read: no line of `webhooks` makes a Brevo event of an activity; add one with "
        "event_object: \"activity\"");
    session.progress().phase = RunPhase::kDone;
    return session.CheckGoOn();
  }
  return RunRecords(accounts, session, Read);
}

}  // namespace connector::sync
