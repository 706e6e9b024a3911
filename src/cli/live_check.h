#pragma once

// `check --live`: asks both accounts whether the configuration fits them.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "brevo/client.h"
#include "cli/findings.h"
#include "config/config.h"
#include "pipedrive/client.h"

namespace connector::cli {

// A limit as the vendor's answers showed it.
struct LimitSeen {
  std::string api;   // "Pipedrive", "Brevo"
  std::string plan;  // as configured or learnt
  std::string name;  // "burst", "daily_tokens"
  int64_t size = 0;
  int64_t remaining = 0;
};

// Clients of one connection. What they need to live, they own.
struct LiveClients {
  std::shared_ptr<pipedrive::Client> pipedrive;
  std::shared_ptr<brevo::Client> brevo;
  http::CallContext context;                       // with a deadline
  std::function<std::vector<LimitSeen>()> limits;  // asked after the calls; may be empty
};

// `connection` is one of the configuration's, perhaps with another api_version.
using LiveFactory = std::function<absl::StatusOr<LiveClients>(
    const config::Config& config, const config::Connection& connection)>;

// Reads from both accounts and says what it found, good and bad. With `fix`, creates the Brevo
// attributes that the mapping needs and that do not exist, and nothing else. Blocks.
std::vector<Finding> CheckLive(const config::Config& config, const config::Connection& connection,
                               const LiveFactory& factory, bool fix);

}  // namespace connector::cli
