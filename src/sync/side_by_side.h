#pragma once

#include <functional>

#include "absl/status/status.h"
#include "sync/run_session.h"

namespace connector::sync {

// Both walks of a run, each on a thread of its own: one fetches while the other folds, see Turns.
// When one fails the other ends with its page, and the first failure is returned.
absl::Status SideBySide(RunSession& session, const std::function<absl::Status()>& one,
                        const std::function<absl::Status()>& other);

}  // namespace connector::sync
