#include "sync/deals_run.h"

#include <algorithm>
#include <string>

#include "base/status.h"
#include "base/time_format.h"
#include "sync/record_run.h"
#include "sync/walk_deals.h"
#include "sync/walk_parts.h"
#include "sync/walk_persons.h"

namespace connector::sync {
namespace {

absl::StatusOr<DealsWalk> WalkFor(const Accounts& accounts, RunSession& session) {
  const RunOptions& options = session.run().options;
  CONNECTOR_ASSIGN_OR_RETURN(DealsWalk walk, UnfilteredDealsWalk(session, accounts));
  if (options.filtered()) {
    walk.full = false;
    walk.since.reset();
    walk.filter_id = options.filter_id;
    walk.ids = options.ids;
  } else if (options.mode == RunMode::kFull) {
    walk.full = true;
    walk.since.reset();
  }
  // Before the first run of persons there is nobody to bring up to date: that run will read them.
  CONNECTOR_ASSIGN_OR_RETURN(const std::string persons_read,
                             session.work().GetWatermark(session.connection(), kPersonsSince));
  if (!accounts.settings.persons || persons_read.empty()) return walk;
  // Who names deals wants them whole, whatever that costs.
  const Time since = options.ids.empty() ? ParseTime(persons_read).value_or(Time{}) : Time{};
  walk.reads_persons_since = std::max(since, Time{} + kOverlap) - kOverlap;
  return walk;
}

absl::Status Read(const Accounts& accounts, const Planning& planning, RunSession& session) {
  CONNECTOR_ASSIGN_OR_RETURN(const DealsWalk walk, WalkFor(accounts, session));
  session.progress().full = walk.full;
  return WalkDeals(accounts, planning, session, walk);
}

}  // namespace

absl::Status RunDeals(const Accounts& accounts, RunSession& session) {
  return RunRecords(accounts, session, Read);
}

}  // namespace connector::sync
