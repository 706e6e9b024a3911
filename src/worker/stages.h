#pragma once

#include <functional>
#include <stop_token>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/random.h"
#include "sync/map_stage.h"
#include "worker/connections.h"
#include "worker/interactive_pool.h"

namespace connector::worker {

// Answers questions about stages and lists on behalf of callers that wait. Any thread.
class Stages {
 public:
  // Called once, from a thread of the pool or, where the pool refuses, from the caller's own.
  using Done = std::function<void(const absl::StatusOr<sync::StageAnswer>& answer)>;

  Stages(const Connections& connections, InteractivePool& pool, Random& random)
      : connections_(connections), pool_(pool), random_(random) {}

  // `connection` is the name of one that exists. Once `cancelled` is requested, the work ends as
  // soon as it can: what was begun is finished, so that nothing is left half done.
  void Ask(std::string_view connection, const sync::StageQuestion& question, Time deadline,
           std::stop_token cancelled, Done done);

 private:
  const Connections& connections_;
  InteractivePool& pool_;
  Random& random_;
};

}  // namespace connector::worker
