#pragma once

#include "absl/status/status.h"
#include "sync/accounts.h"
#include "sync/run_session.h"

namespace connector::sync {

// SyncPersons from beginning to end, or from where an earlier attempt was cut off: read both
// schemas, Brevo's contacts, Pipedrive's organizations and persons, then converge the contacts that
// were marked. OK means the run succeeded, single records may have failed. CANCELLED and ABORTED as
// in RunSession::CheckGoOn; everything else is why the run failed, for people. Blocks for as long
// as the run takes; one thread a run.
absl::Status RunPersons(const Accounts& accounts, RunSession& session);

}  // namespace connector::sync
