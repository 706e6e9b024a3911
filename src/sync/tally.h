#pragma once

// Counts what became of records, for the run that asked and for the metrics.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/sync_metrics.h"
#include "model/run.h"
#include "sync/run_session.h"

namespace connector::sync {

// One thread. Counts reach the store with the next commit that carries the run's progress.
class Tally {
 public:
  // `session` may be null: converging outside a run is counted in the metrics alone.
  Tally(metrics::SyncMetrics& metrics, std::string connection, RunSession* session);

  void Created();
  void Updated();
  void Unchanged();
  void PersonUpdated() { ++progress_.persons_updated; }
  void Skipped(SkipReason reason, int64_t count = 1);
  // A record, or one field of it with `field`, that could not be written.
  void Failed(std::string_view entity, std::string entity_id, FailureReason reason,
              std::string field, std::string detail);

  bool has_failures() const { return !failures_.empty(); }
  // What a commit books beside the contacts: failures since the last call, and the run's progress
  // (null outside a run).
  std::vector<Failure> TakeFailures();
  const store::RunUpdate* Update();

 private:
  enum Outcome { kCreated, kUpdated, kUnchanged, kSkipped, kFailed, kOutcomes };
  void FlushMetrics();

  metrics::SyncMetrics& metrics_;
  const std::string connection_;
  RunSession* session_;
  RunProgress no_run_;
  RunProgress& progress_;
  std::array<int64_t, kOutcomes> unflushed_{};
  std::vector<Failure> failures_;
  store::RunUpdate update_;
};

}  // namespace connector::sync
