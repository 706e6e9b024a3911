#pragma once

// A run in the hands of its runner: the lease, the progress and what it has spent.

#include <atomic>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/caller.h"
#include "model/run.h"
#include "store/store.h"
#include "sync/turns.h"

namespace connector::sync {

// One thread at a time works on the run, the one that has the turn, and calls everything but Renew;
// a heartbeat thread calls Renew. The contexts may be made and used by any thread.
class RunSession {
 public:
  // `stop` ends the run's waits and calls when the process stops. A dry run does its work on
  // `scratch`, a copy of the state, and books only its own row and its plan in `store`.
  RunSession(Run run, std::string owner, store::Store& store, std::stop_token stop);

  const Run& run() const { return run_; }
  const std::string& connection() const { return run_.connection; }
  const store::RunLease& lease() const { return lease_; }

  // Where the run's records are read and written.
  store::Store& work() { return scratch_ ? *scratch_ : store_; }
  store::Store& book() { return store_; }
  absl::Status UseScratchCopy();

  RunProgress& progress() { return run_.progress; }
  // Progress with what was spent up to now, to be committed together with the rows it speaks of.
  store::RunUpdate Update();
  // Commits the progress alone. In a dry run this is how the run's own row learns it.
  absl::Status SaveProgress();
  absl::Status EnterPhase(RunPhase phase);
  void Warn(std::string text);
  // Moves a watermark when the run ends in success, in the same commit; never otherwise.
  void MoveOnSuccess(std::string_view watermark, std::string value) {
    watermarks_.push_back({std::string(watermark), std::move(value)});
  }
  const std::vector<store::Watermark>& watermarks() const { return watermarks_; }
  void CountFailure(FailureReason reason) { ++run_.progress.failed[reason]; }
  int64_t FailedRecords() const;

  http::CallContext PipedriveContext();
  http::CallContext BrevoContext();

  // Prolongs the lease; on a lost lease or a requested cancel the run's calls and waits end.
  void Renew(Time until);
  // CANCELLED if a cancel was requested, ABORTED if the lease was lost or the process stops: the
  // run goes on elsewhere or later.
  absl::Status CheckGoOn() const;
  std::stop_token stop() const { return stop_.get_token(); }

  Turns& turns() { return turns_; }
  // Lets CheckGoOn fail with the first `why` until it is taken: a walk that goes side by side with
  // others cannot be finished.
  void GiveUp(const absl::Status& why) { given_up_.Update(why); }
  absl::Status TakeGivenUp() { return std::exchange(given_up_, absl::OkStatus()); }

 private:
  Run run_;
  const store::RunLease lease_;
  store::Store& store_;
  std::unique_ptr<store::Store> scratch_;
  std::vector<store::Watermark> watermarks_;
  RunProgress at_start_;  // what earlier attempts had spent
  http::CallCounter pipedrive_;
  http::CallCounter brevo_;
  std::atomic<bool> cancelled_;
  std::atomic<bool> lease_lost_{false};
  Turns turns_;
  absl::Status given_up_;
  std::stop_source stop_;
  std::stop_callback<std::function<void()>> forward_stop_;
};

}  // namespace connector::sync
