#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "edge/http_server.h"

namespace connector::edge {

// One door of the public listener. The handler must not block (see Handler): what takes longer is
// handed to a thread of its own and answered from there.
struct Route {
  std::string method;  // "GET", "POST"
  std::string path;    // as a whole and undecoded: "/webhooks/pipedrive"
  Handler handler;
};

// Finds the route of a request by method and exact path. Any other path is 404, a known one with
// another method 405; neither says what this service is.
Handler RouteRequests(std::vector<Route> routes);

// The public listener: the only one that strangers reach. Bodies over 1 MiB are refused before a
// handler sees them.
absl::StatusOr<std::unique_ptr<HttpServer>> MakePublicServer(std::string listen,
                                                             std::vector<Route> routes);

}  // namespace connector::edge
