#pragma once

// One HTTP exchange. A 404 is a successful exchange here; the vendor clients judge statuses.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"

namespace connector::http {

enum class Method { kGet, kPost, kPut, kPatch, kDelete };
std::string_view MethodName(Method method);

using Header = std::pair<std::string, std::string>;

struct Request {
  Method method = Method::kGet;
  std::string url;  // absolute; never holds a credential
  std::vector<Header> headers;
  // Sent as it is. A view: the caller keeps the bytes alive until Send returns, so that an import
  // body of 8 MB exists once.
  std::string_view body;
  std::string_view content_type = "application/json";
  // Answers larger than this are cut off with an error while they stream in.
  size_t max_response_bytes = size_t{16} << 20;
  // Of real time, for the whole exchange.
  Duration timeout = std::chrono::seconds(60);
};

struct Response {
  int status = 0;
  std::vector<Header> headers;  // names in lower case
  std::string body;

  // The first header of this name (lower case), or an empty view.
  std::string_view HeaderValue(std::string_view name) const;
  bool IsJson() const;
};

// Sends one request and returns the whole answer. Errors: UNAVAILABLE (nothing of the request was
// processed: could not connect), UNKNOWN with Reaction::kAmbiguous (the connection broke after the
// request may have been processed, or timed out), RESOURCE_EXHAUSTED (answer too large),
// INVALID_ARGUMENT (bad URL, plain HTTP to a host that is not loopback). Blocks; any thread.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual absl::StatusOr<Response> Send(const Request& request) = 0;
};

}  // namespace connector::http
