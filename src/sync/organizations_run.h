#pragma once

#include "absl/status/status.h"
#include "sync/accounts.h"
#include "sync/run_session.h"

namespace connector::sync {

// SyncOrganizations from beginning to end, or from where an earlier attempt was cut off: read the
// organizations, then converge the contacts of all persons of those that changed. A full run also
// finds deleted ones. Outcomes as of RunPersons. Blocks for as long as the run takes; one thread a
// run.
absl::Status RunOrganizations(const Accounts& accounts, RunSession& session);

}  // namespace connector::sync
