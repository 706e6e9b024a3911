#pragma once

// The command line: `serve` and `check` on this machine, every other verb as a call to a running
// server. What it can't build itself is handed in.

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "cli/live_check.h"
#include "config/config.h"

namespace connector::cli {

struct Hooks {
  // Runs the service until it is told to stop; returns the exit code.
  // `reload` reads the configuration again.
  std::function<int(const config::Config&, const std::function<config::Loaded()>& reload)> serve;
  // Makes clients of both accounts, for `check --live`.
  LiveFactory live;
  // Copies the state to the new file `to`.
  std::function<absl::Status(const config::Config&, const std::string& to)> backup;
};

// Exit codes: 0 success, 1 failure, 2 the command line itself is wrong, 130 interrupted.
int Main(int argc, const char* const* argv, const Hooks& hooks);

}  // namespace connector::cli
