#pragma once

// A Caller that keeps what it was asked and answers from a script. One thread.

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "http/caller.h"

namespace connector::testing {

class FakeCaller : public http::Caller {
 public:
  struct Recorded {
    quota::Operation operation;
    http::Method method = http::Method::kGet;
    std::string url;
    std::vector<http::Header> headers;
    std::string body;
    std::string content_type;
    size_t max_response_bytes = 0;
    http::CallContext context;

    std::string HeaderValue(std::string_view name) const {
      for (const auto& [key, value] : headers) {
        if (key == name) return value;
      }
      return "";
    }
  };

  // The next call gets this answer; it is JSON unless `headers` say otherwise.
  void Answer(int status, std::string body,
              std::vector<http::Header> headers = {{"content-type", "application/json"}}) {
    script_.push_back(http::Response{status, std::move(headers), std::move(body)});
  }
  // The next call fails below HTTP.
  void Fail(absl::Status status) { script_.push_back(std::move(status)); }

  const std::vector<Recorded>& calls() const { return calls_; }
  const Recorded& last() const { return calls_.back(); }

  absl::StatusOr<http::Response> Call(const quota::Operation& operation,
                                      const http::Request& request,
                                      const http::CallContext& context,
                                      const http::Classifier& classify) override {
    calls_.push_back({operation, request.method, request.url, request.headers,
                      std::string(request.body), std::string(request.content_type),
                      request.max_response_bytes, context});
    if (script_.empty()) return absl::InternalError("FakeCaller: no answer left in the script");
    absl::StatusOr<http::Response> answer = std::move(script_.front());
    script_.pop_front();
    if (!answer.ok()) return answer;
    CONNECTOR_RETURN_IF_ERROR(classify(*answer));
    return answer;
  }

 private:
  std::deque<absl::StatusOr<http::Response>> script_;
  std::vector<Recorded> calls_;
};

}  // namespace connector::testing
