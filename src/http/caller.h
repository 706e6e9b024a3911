#pragma once

// The one road every vendor call takes: retry loop( budget( metrics( transport ))).

#include <atomic>
#include <functional>
#include <memory>
#include <stop_token>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/random.h"
#include "http/transport.h"
#include "quota/operation.h"

namespace connector::quota {
class Budget;
}
namespace connector::metrics {
class HttpMetrics;
}

namespace connector::http {

// Calls and tokens spent on behalf of one run; any thread.
struct CallCounter {
  std::atomic<int64_t> calls{0};   // attempts that left, failed ones too
  std::atomic<int64_t> writes{0};  // of these, operations that change the vendor's data
  std::atomic<int64_t> tokens{0};  // Pipedrive's daily tokens
  std::atomic<int64_t> retries{0};
};

// Hears of the waits of a call before they begin. Called by the thread that makes the call.
class WaitObserver {
 public:
  virtual ~WaitObserver() = default;
  // Nothing is sent before `until`; a later look may find it earlier or later.
  virtual void OnWait(Time until) = 0;
};

// On whose behalf and how long a call may take. Copied freely.
struct CallContext {
  quota::Priority priority = quota::Priority::kBackfill;
  Time deadline = Time::max();  // of the clock: no attempt and no wait goes beyond it
  // How long the first attempt may wait for the budget; it is RESOURCE_EXHAUSTED rather than later.
  Duration patience = Duration::max();
  std::stop_token stop{};  // a requested stop ends waits with CANCELLED
  CallCounter* counter = nullptr;
  WaitObserver* waits = nullptr;
};

// The vendor's reading of an answer: OK, or a status carrying Reaction, retry-after and field.
using Classifier = std::function<absl::Status(const Response&)>;

// Makes calls to one API with one credential. Blocks; any thread.
class Caller {
 public:
  virtual ~Caller() = default;

  // The answer if `classify` finds it good. Passing failures are tried again within the policy,
  // the retry budget and the deadline; an operation that may not be repeated is returned with
  // Reaction::kAmbiguous instead. Errors beside the classifier's: CANCELLED (stop),
  // RESOURCE_EXHAUSTED with retry-after (the budget has no room before the deadline, or the vendor
  // has stopped the account), UNAVAILABLE with retry-after (circuit open, attempts used up),
  // DEADLINE_EXCEEDED (passed before the first attempt).
  virtual absl::StatusOr<Response> Call(const quota::Operation& operation, const Request& request,
                                        const CallContext& context, const Classifier& classify) = 0;
};

}  // namespace connector::http
