#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "http/caller.h"
#include "http/transport.h"
#include "metrics/http_metrics.h"
#include "quota/backoff.h"
#include "quota/budget.h"
#include "quota/circuit_breaker.h"
#include "quota/retry_budget.h"

namespace connector::http {

struct RetryPolicy {
  int max_attempts = 5;
  quota::BackoffPolicy backoff{};
};

// The one retry loop of the program. For every attempt: wait for the rate budget in the order of
// priority, ask the circuit breaker, send, tell the budget what the headers said, let the
// classifier judge, and decide by this table whether to send again:
//
//   not connected, 429 of a window          again, whatever the operation
//   429 of the day, 403 that is not JSON    RESOURCE_EXHAUSTED; the budget has stopped the account
//   broken off, timed out                   again if the operation may be repeated, else kAmbiguous
//   classifier: kAmbiguous                  the same
//   classifier: kRetry on a 4xx             again: the vendor says that it did nothing
//   classifier: kRetry on anything else     again if the operation may be repeated, else kAmbiguous
//   classifier: any other error             returned as it is
//
// The classifier does not see what the budget has recognised as its own. Any thread; blocks.
class RetryingCaller : public Caller {
 public:
  struct Options {
    quota::Api api = quota::Api::kPipedrive;
    std::string connection{};  // label of metrics and logs
    RetryPolicy retry{};
    // No single wait is longer, be it for the budget or for a Retry-After: the caller gets its
    // thread back with a status that says when to come again.
    Duration longest_wait = std::chrono::minutes(1);
    quota::RetryBudget::Options retry_budget{};
    quota::CircuitBreaker::Options circuit{};
  };

  // What it works with; all must outlive it.
  struct Parts {
    Transport& transport;
    quota::Budget& budget;
    metrics::HttpMetrics& metrics;
    Clock& clock;
    Random& random;
    const Logger& log;
  };

  RetryingCaller(Options options, Parts parts);

  absl::StatusOr<Response> Call(const quota::Operation& operation, const Request& request,
                                const CallContext& context, const Classifier& classify) override;

  quota::CircuitBreaker::State circuit_state() { return circuit_.state(parts_.clock.Now()); }

 private:
  // What one attempt came to.
  struct Attempt {
    absl::StatusOr<Response> answer;
    bool again = false;         // it may be sent again
    bool by_budget = false;     // the budget makes the next attempt wait, no backoff is needed
    std::string_view reason{};  // for the metrics
  };

  absl::StatusOr<quota::Budget::Permit> Acquire(const quota::Operation& operation,
                                                const CallContext& context);
  absl::Status Refusal(const quota::Operation& operation, const CallContext& context,
                       const quota::Budget::Decision& decision);
  bool Sleep(Duration how_long, Duration nap, const CallContext& context);
  absl::Status AskCircuit();
  absl::StatusOr<Response> Send(const quota::Operation& operation, const Request& request,
                                const CallContext& context);
  Attempt Try(const quota::Operation& operation, const Request& request, const CallContext& context,
              const Classifier& classify, quota::Budget::Permit permit);
  Attempt JudgeFailure(const quota::Operation& operation, absl::Status failure,
                       quota::Budget::Permit permit);
  Attempt JudgeAnswer(const quota::Operation& operation, Response response,
                      const Classifier& classify, quota::Budget::Permit permit);
  Attempt Throttled(const quota::Operation& operation, const quota::Budget::Verdict& verdict);
  absl::Status WaitToRepeat(const Attempt& attempt, int failures, const CallContext& context);
  void ReportCircuit(bool healthy);

  const Options options_;
  const Parts parts_;
  quota::RetryBudget retry_budget_;
  quota::CircuitBreaker circuit_;
};

}  // namespace connector::http
