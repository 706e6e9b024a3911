#pragma once

#include "absl/status/status.h"
#include "sync/accounts.h"
#include "sync/run_session.h"

namespace connector::sync {

// SyncLeads from beginning to end, or from where an earlier attempt was cut off: read the leads,
// and persons of theirs that nobody has brought yet, then converge the contacts whose lead fields
// or list of qualified leads may have changed. Outcomes as of RunPersons. Blocks for as long as the
// run takes; one thread a run.
absl::Status RunLeads(const Accounts& accounts, RunSession& session);

}  // namespace connector::sync
