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
  std::string path;                                          // without the query, undecoded
  std::string query;                                         // after the '?', undecoded
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  std::string remote_address;  // "192.0.2.7", "2001:db8::1": the peer, not what a header claims

  // The first header of this name (lower case), or an empty view.
  std::string_view HeaderValue(std::string_view name) const;
};

// A status outside 200-599 or a header that would break the message is sent as 500.
struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  // left out of answers to HEAD, and of 204 and 304
};

// Answers one request, now or later, from any thread, even when the server is gone. The first call
// counts; if the last copy goes without a call, the answer is 500.
using Responder = std::function<void(HttpResponse)>;

// Called on a server thread, by several at once if Options::threads says so; must not block.
// What it throws becomes a 500.
using Handler = std::function<void(HttpRequest, Responder)>;

// Every method but the destructor may be called from any thread that is not the server's own.
class HttpServer {
 public:
  struct Options {
    std::string listen;  // "127.0.0.1:9464", "[::1]:0", or ":9464" for every address, both families
    int threads = 1;
    size_t max_body_bytes = 1 << 20;  // over it: 413
    // What is different for some paths.
    struct PathRule {
      std::string path;  // as a whole
      size_t max_body_bytes = 1 << 20;
      // Answers of 500 and more are sent as this status instead: for senders that give up on those.
      int instead_of_5xx = 0;  // 0: as they are
    };
    std::vector<PathRule> path_rules{};
    size_t max_header_bytes = 16 << 10;  // over it: 431
    // Over it the connection that has been idle or sending its request for longest gives way to
    // the new one; if every one waits for its answer, the new one is closed at once.
    size_t max_connections = 4096;
    // Open at a time from one peer; further ones are closed at once. 0: no limit.
    size_t max_connections_per_peer = 0;
    // Peers that the limit is not for, such as proxies that bring everybody's requests.
    std::function<bool(const std::string& remote_address)> is_shared_peer;
    // Of real time. After the first three and the last the connection is closed, after
    // answer_timeout the peer is told 503 first.
    Duration header_timeout = std::chrono::seconds(10);
    Duration body_timeout = std::chrono::seconds(20);
    Duration idle_timeout = std::chrono::seconds(60);    // between requests
    Duration answer_timeout = std::chrono::seconds(30);  // for the handler
    Duration write_timeout = std::chrono::seconds(20);   // for the peer to take an answer
    // Told of a request that no handler saw, with the status of its answer. Must not block.
    std::function<void(int status)> on_unreadable;
  };

  // As Stop() without patience.
  virtual ~HttpServer() = default;

  // The port that was bound.
  virtual int port() const = 0;

  // Takes no more connections, closes those that have no whole request yet, lets the requests
  // under way be answered for up to `deadline` of real time, and closes. Twice is harmless.
  virtual void Stop(Duration deadline) = 0;
};

// INVALID_ARGUMENT for an address that cannot be read, UNAVAILABLE for one that cannot be bound;
// both name the address and what to do.
absl::StatusOr<std::unique_ptr<HttpServer>> MakeHttpServer(HttpServer::Options options,
                                                           Handler handler);

}  // namespace connector::edge
