#pragma once

#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "base/clock.h"
#include "base/log.h"
#include "http/caller.h"

namespace connector::http {

// Rests an account whose credential, plan or firewall refuses everything: after a refusal classed
// kPauseAccount, calls get that same refusal without being made until the pause is over. Then a
// single one goes through to see, and the others are refused until it has its answer: a good one
// ends the trouble for all, any other lets the next call see. Any thread.
class PausingCaller : public Caller {
 public:
  struct Options {
    std::string api;  // "pipedrive", "brevo": of the logs
    std::string connection;
    // Where the refusal names no time: long enough to cost nothing, short enough that a mended
    // credential works before somebody starts to wonder.
    Duration pause = std::chrono::minutes(1);
  };

  // `inner`, `clock` and `log` must outlive it.
  PausingCaller(Options options, Caller& inner, Clock& clock, const Logger& log);

  absl::StatusOr<Response> Call(const quota::Operation& operation, const Request& request,
                                const CallContext& context, const Classifier& classify) override;

  // What was refused has been mended: calls are made again at once.
  void Resume();

  // OK, or why the account rests. Stays set until an answer is good again.
  absl::Status Health() const;

 private:
  // What a call may do now: go, go as the one that sees whether the pause is over, or be refused.
  struct Admission {
    absl::Status refusal;
    bool probe = false;
  };

  Admission Admit();
  void Note(const absl::Status& outcome, bool probe);

  const Options options_;
  Caller& inner_;
  Clock& clock_;
  const Logger& log_;
  mutable std::mutex mutex_;  // guards what follows
  absl::Status refused_;
  Time resting_until_{};
  bool probing_ = false;  // one call is out to see whether the pause is over
};

}  // namespace connector::http
