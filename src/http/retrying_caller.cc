#include "http/retrying_caller.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "http/budget_reading.h"
#include "http/quota_headers.h"

namespace connector::http {
namespace {

using quota::Budget;
using quota::Family;
using quota::Operation;
using quota::Repeat;
using quota::Throttle;

// A waiting call looks again at least this often: the queue before it may have become shorter.
constexpr Duration kLongestNap = std::chrono::seconds(1);

double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

absl::Status Passing(absl::Status status, Duration wait) {
  return WithRetryAfter(WithReaction(std::move(status), Reaction::kRetry), wait);
}

absl::Status Stopped() { return absl::CancelledError("stopped"); }

// Time that is left; never overflows for a deadline of Time::max().
Duration Until(Time deadline, Time now) {
  return deadline == Time::max() ? Duration::max() : deadline - now;
}

}  // namespace

RetryingCaller::RetryingCaller(Options options, Parts parts)
    : options_(std::move(options)),
      parts_(parts),
      retry_budget_(options_.retry_budget),
      circuit_(options_.circuit) {
  parts_.metrics.OnCircuit(ApiName(options_.api), options_.connection, 0);
}

absl::StatusOr<Response> RetryingCaller::Call(const Operation& operation, const Request& request,
                                              const CallContext& context,
                                              const Classifier& classify) {
  for (int failures = 1;; ++failures) {
    CONNECTOR_ASSIGN_OR_RETURN(Budget::Permit permit, Acquire(operation, context));
    if (auto open = AskCircuit(); !open.ok()) {
      parts_.budget.OnNotSent(std::move(permit), parts_.clock.Now());
      return open;
    }
    Attempt attempt = Try(operation, request, context, classify, std::move(permit));
    if (!attempt.again) return std::move(attempt.answer);
    CONNECTOR_RETURN_IF_ERROR(WaitToRepeat(attempt, failures, context));
    parts_.metrics.OnRetry(ApiName(options_.api), attempt.reason);
    if (context.counter != nullptr) ++context.counter->retries;
  }
}

// ---- before the attempt
// ---------------------------------------------------------------------------

absl::StatusOr<Budget::Permit> RetryingCaller::Acquire(const Operation& operation,
                                                       const CallContext& context) {
  if (context.stop.stop_requested()) return Stopped();
  const Time asked = parts_.clock.Now();
  if (asked >= context.deadline) {
    return WithReaction(absl::DeadlineExceededError("the deadline has passed"), Reaction::kRetry);
  }
  if (operation.family == Family::kUnmetered) return Budget::Permit();
  Budget::Place place(parts_.budget, context.priority);
  while (true) {
    const Time now = parts_.clock.Now();
    Budget::Decision decision = parts_.budget.Admit(operation, place, now);
    if (decision.granted) {
      parts_.metrics.OnWaited(ApiName(options_.api), PriorityName(context.priority), now - asked);
      return std::move(decision.permit);
    }
    const Duration waited = now - asked + decision.wait;
    const bool too_long = waited > options_.longest_wait || waited > context.patience ||
                          decision.wait >= Until(context.deadline, now);
    if (too_long) return Refusal(operation, context, decision);
    if (!Sleep(decision.wait, std::min(decision.wait, kLongestNap), context)) return Stopped();
  }
}

// Sleeps for `nap` of a wait of `how_long`; false if stopped.
bool RetryingCaller::Sleep(Duration how_long, Duration nap, const CallContext& context) {
  if (context.waits != nullptr) context.waits->OnWait(parts_.clock.Now() + how_long);
  return parts_.clock.SleepFor(nap, context.stop);
}

absl::Status RetryingCaller::Refusal(const Operation& operation, const CallContext& context,
                                     const Budget::Decision& decision) {
  parts_.metrics.OnRefused(ApiName(options_.api), PriorityName(context.priority), decision.limit);
  const std::string_view why =
      decision.pause == Throttle::kNone ? decision.limit : ThrottleName(decision.pause);
  return Passing(
      absl::ResourceExhaustedError(absl::StrCat(
          ToAbsl(operation.name), ": the rate budget of ", ToAbsl(ApiName(options_.api)),
          " has no room in time (", ToAbsl(why), "); again in ", Seconds(decision.wait), " s")),
      decision.wait);
}

absl::Status RetryingCaller::AskCircuit() {
  const Time now = parts_.clock.Now();
  const Duration wait = circuit_.Admit(now);
  if (wait <= Duration::zero()) {
    const auto state = circuit_.state(now);
    if (state != quota::CircuitBreaker::State::kClosed) {
      parts_.metrics.OnCircuit(ApiName(options_.api), options_.connection, static_cast<int>(state));
    }
    return absl::OkStatus();
  }
  return Passing(absl::UnavailableError(absl::StrCat(ToAbsl(ApiName(options_.api)),
                                                     " does not answer; the circuit is open")),
                 wait);
}

// ---- the attempt
// ----------------------------------------------------------------------------------

absl::StatusOr<Response> RetryingCaller::Send(const Operation& operation, const Request& request,
                                              const CallContext& context) {
  const Time started = parts_.clock.Now();
  absl::StatusOr<Response> answer;
  if (context.deadline == Time::max()) {
    answer = parts_.transport.Send(request);
  } else {
    Request timed = request;
    const Duration left = std::max(context.deadline - started, Duration(1));
    timed.timeout = std::min(request.timeout, parts_.clock.ToReal(left));
    answer = parts_.transport.Send(timed);
  }
  metrics::CallAttempt attempt{ApiName(options_.api), operation.name};
  attempt.sent = answer.ok() || ReactionOf(answer.status()) == Reaction::kAmbiguous ||
                 absl::IsResourceExhausted(answer.status());
  attempt.status = answer.ok() ? answer->status : 0;
  attempt.took = parts_.clock.Now() - started;
  attempt.bytes_out = request.body.size();
  attempt.bytes_in = answer.ok() ? answer->body.size() : 0;
  parts_.metrics.OnAttempt(attempt);
  if (context.counter != nullptr && attempt.sent) {
    ++context.counter->calls;
    if (operation.write) ++context.counter->writes;
    context.counter->tokens += operation.tokens;
  }
  return answer;
}

RetryingCaller::Attempt RetryingCaller::Try(const Operation& operation, const Request& request,
                                            const CallContext& context, const Classifier& classify,
                                            Budget::Permit permit) {
  auto answer = Send(operation, request, context);
  if (!answer.ok()) return JudgeFailure(operation, answer.status(), std::move(permit));
  return JudgeAnswer(operation, *std::move(answer), classify, std::move(permit));
}

RetryingCaller::Attempt RetryingCaller::JudgeFailure(const Operation& operation,
                                                     absl::Status failure, Budget::Permit permit) {
  const Time now = parts_.clock.Now();
  const bool not_sent = absl::IsUnavailable(failure) || absl::IsInvalidArgument(failure);
  if (not_sent) {
    parts_.budget.OnNotSent(std::move(permit), now);
  } else {
    parts_.budget.OnNoResponse(std::move(permit), now);
  }
  if (absl::IsInvalidArgument(failure) || absl::IsInternal(failure)) {
    circuit_.OnNotMade(now);
    return {std::move(failure)};
  }
  if (absl::IsResourceExhausted(failure)) {  // it answered, only too much
    ReportCircuit(/*healthy=*/true);
    if (operation.repeat == Repeat::kUnsafe) {
      failure = WithReaction(std::move(failure), Reaction::kAmbiguous);
    }
    return {std::move(failure)};
  }
  ReportCircuit(/*healthy=*/false);
  const bool again = not_sent || operation.repeat == Repeat::kSafe;
  return {std::move(failure), again, false, not_sent ? "not_sent" : "no_answer"};
}

RetryingCaller::Attempt RetryingCaller::JudgeAnswer(const Operation& operation, Response response,
                                                    const Classifier& classify,
                                                    Budget::Permit permit) {
  const Time now = parts_.clock.Now();
  ReportCircuit(/*healthy=*/response.status < 500);
  if (operation.family != Family::kUnmetered) {
    const auto verdict = parts_.budget.OnResponse(std::move(permit), response.status,
                                                  ReadQuotaHeaders(options_.api, response), now);
    if (verdict.throttle != Throttle::kNone) return Throttled(operation, verdict);
  }
  absl::Status judged = classify(response);
  if (judged.ok()) {
    retry_budget_.OnSuccess(now);
    return {std::move(response)};
  }
  const Reaction reaction = ReactionOf(judged);
  if (reaction != Reaction::kRetry && reaction != Reaction::kAmbiguous) {
    return {std::move(judged)};
  }
  const bool refused = response.status >= 400 && response.status < 500;
  const bool did_nothing = reaction == Reaction::kRetry && refused;
  if (operation.repeat == Repeat::kUnsafe && !did_nothing) {
    return {WithReaction(std::move(judged), Reaction::kAmbiguous)};
  }
  return {std::move(judged), true, false, response.status >= 500 ? "server_error" : "answer"};
}

RetryingCaller::Attempt RetryingCaller::Throttled(const Operation& operation,
                                                  const Budget::Verdict& verdict) {
  parts_.metrics.OnThrottled(ApiName(options_.api), ThrottleName(verdict.throttle));
  parts_.log.Warning("refused because of a limit", {{"api", ApiName(options_.api)},
                                                    {"connection", options_.connection},
                                                    {"operation", operation.name},
                                                    {"kind", ThrottleName(verdict.throttle)},
                                                    {"wait_seconds", Seconds(verdict.wait)}});
  absl::Status status =
      Passing(absl::ResourceExhaustedError(absl::StrCat(
                  ToAbsl(operation.name), ": ", ToAbsl(ApiName(options_.api)),
                  " refused because of a limit (", ToAbsl(ThrottleName(verdict.throttle)), ")")),
              verdict.wait);
  const bool again = verdict.throttle == Throttle::kBurst || verdict.throttle == Throttle::kHourly;
  return {std::move(status), again, true, "throttled"};
}

void RetryingCaller::ReportCircuit(bool healthy) {
  const Time now = parts_.clock.Now();
  const bool changed = healthy ? circuit_.OnSuccess(now) : circuit_.OnFailure(now);
  if (!changed) return;
  const auto state = circuit_.state(now);
  parts_.metrics.OnCircuit(ApiName(options_.api), options_.connection, static_cast<int>(state));
  parts_.log.Warning("circuit", {{"api", ApiName(options_.api)},
                                 {"connection", options_.connection},
                                 {"state", CircuitStateName(state)}});
}

// ---- after a failed attempt
// -----------------------------------------------------------------------

absl::Status RetryingCaller::WaitToRepeat(const Attempt& attempt, int failures,
                                          const CallContext& context) {
  const absl::Status& last = attempt.answer.status();
  const Time now = parts_.clock.Now();
  const auto retry_after = RetryAfterOf(last);
  Duration delay{};
  if (!attempt.by_budget) {
    delay = BackoffDelay(options_.retry.backoff, failures, retry_after, parts_.random);
  }
  const bool used_up = failures >= options_.retry.max_attempts;
  if (!used_up && !attempt.by_budget) delay += retry_budget_.TakeRetry(now);
  if (!used_up && delay <= options_.longest_wait && delay < Until(context.deadline, now)) {
    return Sleep(delay, delay, context) ? absl::OkStatus() : Stopped();
  }
  const Duration wait = std::max(delay, retry_after.value_or(Duration::zero()));
  const absl::Status why = Annotate(last, absl::StrCat("given up after ", failures, " attempts"));
  return Passing(attempt.by_budget ? absl::ResourceExhaustedError(why.message())
                                   : absl::UnavailableError(why.message()),
                 wait);
}

}  // namespace connector::http
