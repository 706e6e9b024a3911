#pragma once

// A Transport that answers from a script and keeps what it was sent. Any thread.

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "http/transport.h"

namespace connector::testing {

class ScriptedTransport : public http::Transport {
 public:
  using Step = std::function<absl::StatusOr<http::Response>(const http::Request&)>;

  // The next exchanges, in order. When the script is at its end the last step repeats.
  ScriptedTransport& Then(Step step) {
    const std::lock_guard lock(mutex_);
    script_.push_back(std::move(step));
    return *this;
  }
  ScriptedTransport& ThenAnswer(int status, std::string body = "{}",
                                std::vector<http::Header> headers = {
                                    {"content-type", "application/json"}}) {
    return Then([=](const http::Request&) -> absl::StatusOr<http::Response> {
      return http::Response{status, headers, body};
    });
  }
  // Nothing was processed.
  ScriptedTransport& ThenNotConnected() {
    return Then([](const http::Request&) -> absl::StatusOr<http::Response> {
      return WithReaction(absl::UnavailableError("could not connect"), Reaction::kRetry);
    });
  }
  // It may have been processed.
  ScriptedTransport& ThenBrokenOff() {
    return Then([](const http::Request&) -> absl::StatusOr<http::Response> {
      return WithReaction(absl::UnknownError("the connection broke"), Reaction::kAmbiguous);
    });
  }

  absl::StatusOr<http::Response> Send(const http::Request& request) override {
    Step step;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
      bodies_.emplace_back(request.body);
      if (script_.empty()) return absl::InternalError("the script of the transport is empty");
      step = script_.front();
      if (script_.size() > 1) script_.pop_front();
    }
    return step(request);
  }

  size_t sent() const {
    const std::lock_guard lock(mutex_);
    return requests_.size();
  }
  // A request as it was sent; its body is in body(), as the request only had a view of it.
  http::Request request(size_t index) const {
    const std::lock_guard lock(mutex_);
    return requests_.at(index);
  }
  std::string body(size_t index) const {
    const std::lock_guard lock(mutex_);
    return bodies_.at(index);
  }

 private:
  mutable std::mutex mutex_;  // guards what follows
  std::deque<Step> script_;
  std::vector<http::Request> requests_;
  std::vector<std::string> bodies_;
};

}  // namespace connector::testing
