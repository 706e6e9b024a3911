#pragma once

// What runs of deals, organizations, activities and leads have in common.

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "sync/accounts.h"
#include "sync/planning.h"
#include "sync/run_session.h"

namespace connector::sync {

using ReadRecords = absl::FunctionRef<absl::Status(const Accounts&, const Planning&, RunSession&)>;

// Loads the planning, calls `read`, looks up contacts that it brought, and converges all that is
// marked: of a run that is not filtered also what earlier runs left behind. Blocks; one thread a
// run.
absl::Status RunRecords(const Accounts& accounts, RunSession& session, ReadRecords read);

}  // namespace connector::sync
