#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "sync/accounts.h"
#include "sync/planning.h"
#include "sync/run_session.h"

namespace connector::sync {

// The watermark up to which activities were read, and that of the moment from which on they are
// told at all: the first run less the backfill.
inline constexpr std::string_view kActivitiesSince = "activities.updated_since";
inline constexpr std::string_view kActivitiesFrom = "activities.from";

// Which activities.
struct ActivitiesWalk {
  std::optional<Time> since;  // those changed since
  std::optional<Time> from;   // what did not change since then is not told; none: all is told
  std::optional<int64_t> filter_id;
  std::vector<int64_t> ids;

  bool filtered() const { return filter_id || !ids.empty(); }
};

// Reads activities a page at a time and puts what is news of them into the outbox; persons of
// theirs that nobody has brought yet are read as well. Costs activities / 500 calls, 1 when nothing
// has changed.
absl::Status WalkActivities(const Accounts& accounts, const Planning& planning, RunSession& session,
                            const ActivitiesWalk& walk);

// Whether an activity that was read may be told as added: it was added since activities are told.
bool MayBeNew(const Activity& activity, std::optional<Time> from);

}  // namespace connector::sync
