#include "http/pausing_caller.h"

#include <utility>

#include "base/status.h"

namespace connector::http {
namespace {

// When those held up by a probe may ask again: about what a vendor's answer takes.
constexpr Duration kProbePoll = std::chrono::seconds(1);

}  // namespace

PausingCaller::PausingCaller(Options options, Caller& inner, Clock& clock, const Logger& log)
    : options_(std::move(options)), inner_(inner), clock_(clock), log_(log) {}

absl::StatusOr<Response> PausingCaller::Call(const quota::Operation& operation,
                                             const Request& request, const CallContext& context,
                                             const Classifier& classify) {
  Admission admission = Admit();
  if (!admission.refusal.ok()) return std::move(admission.refusal);
  absl::StatusOr<Response> response = inner_.Call(operation, request, context, classify);
  Note(response.status(), admission.probe);
  return response;
}

absl::Status PausingCaller::Health() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

void PausingCaller::Resume() {
  const std::lock_guard lock(mutex_);
  if (refused_.ok()) return;
  log_.Info("account resumed", {{"api", options_.api}, {"connection", options_.connection}});
  refused_ = absl::OkStatus();
}

PausingCaller::Admission PausingCaller::Admit() {
  const std::lock_guard lock(mutex_);
  if (refused_.ok()) return {};
  const Time now = clock_.Now();
  if (now < resting_until_) return {WithRetryAfter(refused_, resting_until_ - now)};
  if (probing_) return {WithRetryAfter(refused_, kProbePoll)};
  probing_ = true;
  return {absl::OkStatus(), /*probe=*/true};
}

void PausingCaller::Note(const absl::Status& outcome, bool probe) {
  const std::lock_guard lock(mutex_);
  if (probe) probing_ = false;
  if (ReactionOf(outcome) == Reaction::kPauseAccount) {
    if (refused_.ok()) {
      log_.Error("account paused", {{"api", options_.api},
                                    {"connection", options_.connection},
                                    {"error", std::string(outcome.message())}});
    }
    refused_ = outcome;
    resting_until_ = clock_.Now() + RetryAfterOf(outcome).value_or(options_.pause);
  } else if (outcome.ok() && !refused_.ok()) {
    log_.Info("account works again", {{"api", options_.api}, {"connection", options_.connection}});
    refused_ = absl::OkStatus();
  }
}

}  // namespace connector::http
