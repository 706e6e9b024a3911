#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/random.h"
#include "model/run.h"
#include "store/store.h"
#include "worker/connections.h"

namespace connector::worker {

using PlanPage = store::Store::PlanPage;

// What callers and the scheduler may do with runs: ask for one, look at it, cancel it. A run is a
// row in the store; nobody who asks for one owns its work. Any thread; every method reads or writes
// the local store and never calls a vendor.
class Runs {
 public:
  Runs(store::Store& store, const Connections& connections, Clock& clock, Random& random)
      : store_(store), connections_(connections), clock_(clock), random_(random) {}

  // `connection` "" means the only one there is. NOT_FOUND names the known ones.
  absl::StatusOr<std::string> ResolveConnection(std::string_view connection) const;

  // Inserts a run or joins the unfinished one of its kind.
  absl::StatusOr<store::Store::Submitted> Submit(std::string_view connection, RunKind kind,
                                                 RunOptions options, bool scheduled = false);
  absl::StatusOr<Run> Get(std::string_view connection, std::string_view id);
  absl::StatusOr<std::vector<Run>> List(std::string_view connection, int limit);
  absl::StatusOr<std::optional<Run>> LastSucceeded(std::string_view connection, RunKind kind);
  // The run as it is after the request; a queued run that no runner has is cancelled when one takes
  // it.
  absl::StatusOr<Run> Cancel(std::string_view connection, std::string_view id);
  absl::StatusOr<PlanPage> ReadPlan(std::string_view connection, std::string_view id,
                                    int64_t after_sequence, int limit);
  absl::StatusOr<std::vector<Failure>> ListFailures(std::string_view connection,
                                                    std::string_view run_id, int64_t before_id,
                                                    int limit);
  absl::StatusOr<store::Store::QueueDepth> Depth(std::string_view connection);

  // For runners: waits until a run was submitted here that the caller has not looked for yet, or
  // `at_most` has passed. `seen` is the caller's, 0 at first: what it has looked for.
  void WaitForWork(uint64_t& seen, Duration at_most, const std::stop_token& stop);

 private:
  store::Store& store_;
  const Connections& connections_;
  Clock& clock_;
  Random& random_;
  std::mutex mutex_;  // guards submitted_
  std::condition_variable wake_;
  uint64_t submitted_ = 0;
};

}  // namespace connector::worker
