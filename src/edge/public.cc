#include "edge/public.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "edge/http_answers.h"

namespace connector::edge {
namespace {

// 405 names the methods the path has (RFC 9110, 15.5.6).
HttpResponse Refusal(const std::vector<Route>& routes, const HttpRequest& request) {
  std::string allowed;
  for (const Route& route : routes) {
    if (route.path != request.path) continue;
    absl::StrAppend(&allowed, allowed.empty() ? "" : ", ", route.method);
  }
  if (allowed.empty()) return PlainAnswer(404, "not found\n");
  HttpResponse refusal = PlainAnswer(405, "method not allowed\n");
  refusal.headers.emplace_back("Allow", std::move(allowed));
  return refusal;
}

}  // namespace

Handler RouteRequests(std::vector<Route> routes) {
  return [routes = std::move(routes)](HttpRequest request, const Responder& respond) {
    const auto found = std::find_if(routes.begin(), routes.end(), [&](const Route& route) {
      return route.path == request.path && route.method == request.method;
    });
    if (found == routes.end()) return respond(Refusal(routes, request));
    found->handler(std::move(request), respond);
  };
}

absl::StatusOr<std::unique_ptr<HttpServer>> MakePublicServer(std::string listen,
                                                             std::vector<Route> routes) {
  HttpServer::Options options;
  options.listen = std::move(listen);
  return MakeHttpServer(std::move(options), RouteRequests(std::move(routes)));
}

}  // namespace connector::edge
