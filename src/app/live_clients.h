#pragma once

#include "absl/status/statusor.h"
#include "cli/live_check.h"
#include "config/config.h"

namespace connector::app {

// Clients of one connection for `check --live`: they take the same road as the service's, with a
// budget of their own, few attempts and a deadline of two minutes from now. They own all they need.
absl::StatusOr<cli::LiveClients> MakeLiveClients(const config::Config& config,
                                                 const config::Connection& connection);

}  // namespace connector::app
