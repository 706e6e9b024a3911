#include "sync/run_session.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace connector::sync {
namespace {

// A run shows at most this many warnings; more would be the same told again.
constexpr size_t kMaxWarnings = 50;

quota::Priority PriorityOf(const RunOptions& options) {
  return options.mode == RunMode::kFull ? quota::Priority::kBackfill
                                        : quota::Priority::kIncremental;
}

}  // namespace

RunSession::RunSession(Run run, std::string owner, store::Store& store, std::stop_token stop)
    : run_(std::move(run)),
      lease_{run_.connection, run_.id, std::move(owner)},
      store_(store),
      at_start_(run_.progress),
      cancelled_(run_.cancel_requested),
      forward_stop_(std::move(stop), [this] { stop_.request_stop(); }) {
  if (cancelled_) stop_.request_stop();
}

absl::Status RunSession::UseScratchCopy() {
  CONNECTOR_ASSIGN_OR_RETURN(scratch_, store_.MakeScratchCopy(connection()));
  // What an earlier attempt found went with its copy: everything is looked at again.
  run_.progress = {};
  return store_.ClearPlan(lease_);
}

store::RunUpdate RunSession::Update() {
  RunProgress& progress = run_.progress;
  progress.pipedrive_calls = at_start_.pipedrive_calls + pipedrive_.calls;
  progress.pipedrive_tokens = at_start_.pipedrive_tokens + pipedrive_.tokens;
  progress.brevo_calls = at_start_.brevo_calls + brevo_.calls;
  progress.brevo_writes = at_start_.brevo_writes + brevo_.writes;
  return {lease_, progress};
}

absl::Status RunSession::SaveProgress() { return store_.SaveProgress(Update()); }

absl::Status RunSession::EnterPhase(RunPhase phase) {
  CONNECTOR_RETURN_IF_ERROR(CheckGoOn());
  run_.progress.phase = phase;
  return SaveProgress();
}

void RunSession::Warn(std::string text) {
  std::vector<std::string>& warnings = run_.progress.warnings;
  if (warnings.size() >= kMaxWarnings) return;
  if (std::find(warnings.begin(), warnings.end(), text) == warnings.end()) {
    warnings.push_back(std::move(text));
  }
}

int64_t RunSession::FailedRecords() const {
  int64_t failed = 0;
  for (const auto& [reason, count] : run_.progress.failed) {
    if (!IsFieldLoss(reason)) failed += count;
  }
  return failed;
}

http::CallContext RunSession::PipedriveContext() {
  return {.priority = PriorityOf(run_.options), .stop = stop(), .counter = &pipedrive_};
}

http::CallContext RunSession::BrevoContext() {
  return {.priority = PriorityOf(run_.options), .stop = stop(), .counter = &brevo_};
}

void RunSession::Renew(Time until) {
  const absl::StatusOr<bool> cancel = store_.RenewRun(lease_, until);
  if (cancel.ok() && *cancel) cancelled_ = true;
  if (absl::IsFailedPrecondition(cancel.status())) lease_lost_ = true;
  if (cancelled_ || lease_lost_) stop_.request_stop();
}

absl::Status RunSession::CheckGoOn() const {
  if (cancelled_) return absl::CancelledError("cancelled on request");
  if (lease_lost_) return absl::AbortedError("another runner has taken the run over");
  if (stop_.stop_requested()) return absl::AbortedError("the service is stopping");
  if (!given_up_.ok()) return given_up_;
  const int64_t limit = run_.options.stop_after_failures;
  if (limit > 0 && FailedRecords() >= limit) {
    return absl::FailedPreconditionError(absl::StrCat(
        "stopped after ", FailedRecords(), " failures, as asked; the rest stays to be written"));
  }
  return absl::OkStatus();
}

}  // namespace connector::sync
