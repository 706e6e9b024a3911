#include "http/pausing_caller.h"

#include <utility>

#include "base/status.h"

namespace connector::http {

PausingCaller::PausingCaller(Options options, Caller& inner, Clock& clock, const Logger& log)
    : options_(std::move(options)), inner_(inner), clock_(clock), log_(log) {}

absl::StatusOr<Response> PausingCaller::Call(const quota::Operation& operation,
                                             const Request& request, const CallContext& context,
                                             const Classifier& classify) {
  if (std::optional<absl::Status> refusal = Refusal()) return *std::move(refusal);
  absl::StatusOr<Response> response = inner_.Call(operation, request, context, classify);
  Note(response.status());
  return response;
}

absl::Status PausingCaller::Health() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

std::optional<absl::Status> PausingCaller::Refusal() {
  const std::lock_guard lock(mutex_);
  const Time now = clock_.Now();
  if (refused_.ok() || now >= resting_until_) return std::nullopt;
  return WithRetryAfter(refused_, resting_until_ - now);
}

void PausingCaller::Note(const absl::Status& outcome) {
  const std::lock_guard lock(mutex_);
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
