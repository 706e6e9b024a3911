#pragma once

// Deletions that nobody told of: what a run of everything did not see of what is stored is looked
// up, and what is gone is taken as if a webhook had told.

#include <cstdint>

#include "absl/status/status.h"
#include "brevo/client.h"
#include "pipedrive/client.h"
#include "sync/accounts.h"
#include "sync/planning.h"
#include "sync/run_session.h"

namespace connector::sync {

// How many of so many known records may be found gone without asking anybody: 1 % and at most 100,
// but of few records always 5.
int64_t MostSwept(int64_t known);

// Notes what a page of a walk of everything shows, before the page is committed.
absl::Status NoteSeen(RunSession& session, const pipedrive::Page<Person>& page);
absl::Status NoteSeen(RunSession& session, const brevo::ContactPage& page);

// After both walks of everything reached their ends, before the run writes. Where too much is gone,
// nothing of that side is taken: the run warns, leaves a failure and goes on. Errors are the
// vendors' and the store's.
absl::Status Sweep(const Accounts& accounts, const Planning& planning, RunSession& session);

}  // namespace connector::sync
