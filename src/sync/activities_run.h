#pragma once

#include "absl/status/status.h"
#include "sync/accounts.h"
#include "sync/run_session.h"

namespace connector::sync {

// SyncActivities from beginning to end, or from where an earlier attempt was cut off: read the
// activities, put what is news of them into the outbox as Brevo events, and converge the contacts
// of persons that were brought with them. The run counts activities: created are those told as
// added, updated those told as changed. It does not wait until Brevo has the events. Outcomes as of
// RunPersons. Blocks for as long as the run takes; one thread a run.
absl::Status RunActivities(const Accounts& accounts, RunSession& session);

}  // namespace connector::sync
