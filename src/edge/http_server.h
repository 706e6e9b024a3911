#pragma once

// A small asynchronous HTTP/1.1 server: connections cost memory, not threads, so that slow or
// half-sent requests do not hold up good ones.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"

namespace connector::edge {

struct HttpRequest {
  std::string method;
  std::string path;                                          // without the query
  std::string query;                                         // after the '?', undecoded
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;

  // The first header of this name (lower case), or an empty view.
  std::string_view HeaderValue(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

// Answers one request; called once, from any thread, now or later.
using Responder = std::function<void(HttpResponse)>;

// Called on a server thread; must not block. Must not throw.
using Handler = std::function<void(HttpRequest, Responder)>;

class HttpServer {
 public:
  struct Options {
    std::string listen;  // "127.0.0.1:9464", "[::1]:0", or ":9464" for every address, both families
    int threads = 1;
    size_t max_body_bytes = 1 << 20;
    size_t max_header_bytes = 16 << 10;
    size_t max_connections = 4096;
    // Of real time: for a whole request to arrive, and for a kept-alive connection to say nothing.
    Duration read_timeout = std::chrono::seconds(15);
    Duration idle_timeout = std::chrono::seconds(60);
  };

  virtual ~HttpServer() = default;
  virtual int port() const = 0;

  // Takes no more connections, answers what is under way for up to `deadline` of real time, and
  // closes. Twice is harmless.
  virtual void Stop(Duration deadline) = 0;
};

// INVALID_ARGUMENT for an address that cannot be read, UNAVAILABLE for one that cannot be bound.
absl::StatusOr<std::unique_ptr<HttpServer>> MakeHttpServer(HttpServer::Options options,
                                                           Handler handler);

}  // namespace connector::edge
