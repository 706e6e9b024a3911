#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/random.h"
#include "worker/connections.h"
#include "worker/interactive_pool.h"

namespace connector::worker {

// What operators ask about single contacts and about both accounts: works that a caller waits for,
// done by the interactive pool. Any thread.
class Inquiries {
 public:
  // What a work has to go by. Calls to vendors end with the caller, its deadline or the pool.
  struct Scene {
    const sync::Accounts& accounts;
    http::CallContext call;
    std::string owner;  // of leases: of its own for every work
  };
  using Work = std::function<absl::Status(const Scene& scene)>;
  // Called once, from a thread of the pool or, where the pool refuses, from the caller's own.
  using Done = std::function<void(const absl::Status& status)>;

  Inquiries(const Connections& connections, InteractivePool& pool, Random& random)
      : connections_(connections), pool_(pool), random_(random) {}

  // `connection` is the name of one that exists.
  void Ask(std::string_view connection, Time deadline, std::stop_token cancelled, Work work,
           Done done);

 private:
  const Connections& connections_;
  InteractivePool& pool_;
  Random& random_;
};

}  // namespace connector::worker
