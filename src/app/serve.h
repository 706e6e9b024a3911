#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "config/config.h"

namespace connector::app {

// Runs the service until SIGTERM or SIGINT. Prints one line on standard output when every listener
// is up: "ready grpc=HOST:PORT admin=HOST:PORT public=HOST:PORT". Returns the exit code: 0 after a
// clean stop, 1 if it could not start; the reason is on standard error. Called once, before any
// other thread exists.
// `reload` reads the configuration again: on SIGHUP and every ten seconds, for its secrets alone.
int Serve(const config::Config& config, const std::function<config::Loaded()>& reload);

// Copies the state to the new file `to`, also while a service works on it.
absl::Status BackUp(const config::Config& config, const std::string& to);

}  // namespace connector::app
