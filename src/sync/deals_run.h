#pragma once

#include "absl/status/status.h"
#include "sync/accounts.h"
#include "sync/run_session.h"

namespace connector::sync {

// SyncDeals from beginning to end, or from where an earlier attempt was cut off: read the deals,
// and persons of theirs that nobody has brought yet, then converge the contacts whose counts,
// revenue or lists may have changed. Outcomes as of RunPersons. Blocks for as long as the run
// takes; one thread a run.
absl::Status RunDeals(const Accounts& accounts, RunSession& session);

}  // namespace connector::sync
