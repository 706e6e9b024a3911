#pragma once

// Takes failed records up again.

#include <cstdint>
#include <functional>
#include <string_view>

#include "absl/status/statusor.h"
#include "model/run.h"
#include "store/store.h"
#include "worker/intake.h"

namespace connector::worker {

class FailureRetries {
 public:
  // Both outlive it.
  FailureRetries(store::Store& store, Intake& intake) : store_(store), intake_(intake) {}

  // Has the records of the failures that `matches` picks read again, each once, and forgets those
  // failures: what still fails then is a new one. Contacts without a record of their own are
  // converged again. Returns how many records are taken up. Blocks on the disk; any thread.
  absl::StatusOr<int64_t> Retry(std::string_view connection, std::string_view run_id,
                                const std::function<bool(const Failure&)>& matches);

 private:
  store::Store& store_;
  Intake& intake_;
};

}  // namespace connector::worker
