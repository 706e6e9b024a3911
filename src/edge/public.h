#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "edge/http_server.h"
#include "edge/peer_limits.h"

namespace connector::edge {

// One door of the public listener. The handler must not block (see Handler): what takes longer is
// handed to a thread of its own and answered from there.
struct Route {
  std::string method;  // "GET", "POST"
  std::string path;    // as a whole and undecoded: "/webhooks/pipedrive"
  Handler handler;
  size_t max_body_bytes = 1 << 20;
  int instead_of_5xx = 0;  // see HttpServer::Options::PathRule
};

// Finds the route of a request by method and exact path. Any other path is 404, a known one with
// another method 405; neither says what this service is.
Handler RouteRequests(std::vector<Route> routes);

// Told of every answer: `route` is at most the first two parts of the path of a route (what follows
// may be a secret), "other" for anything else. Any thread; must not block.
using AnswerObserver = std::function<void(std::string_view route, int status)>;

// The public listener: the only one that strangers reach. Bodies that are too large are refused
// before a handler sees them. `limits` may be null: then one peer may take all there is.
absl::StatusOr<std::unique_ptr<HttpServer>> MakePublicServer(
    std::string listen, std::vector<Route> routes, AnswerObserver observer = nullptr,
    std::shared_ptr<PeerLimits> limits = nullptr);

}  // namespace connector::edge
