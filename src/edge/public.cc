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

constexpr std::string_view kOther = "other";

// The first two parts of a path: "/brevo/imports" of "/brevo/imports/…".
std::string_view Head(std::string_view path) {
  const size_t second = path.find('/', 1);
  return second == std::string_view::npos ? path : path.substr(0, path.find('/', second + 1));
}

// Tells the observer of what `handler` answers.
Handler Observe(std::vector<std::string> paths, Handler handler, AnswerObserver observer) {
  return [paths = std::move(paths), handler = std::move(handler), observer = std::move(observer)](
             HttpRequest request, const Responder& respond) {
    const auto path = std::find(paths.begin(), paths.end(), request.path);
    std::string route(path == paths.end() ? kOther : Head(*path));
    handler(std::move(request),
            [observer, respond, route = std::move(route)](HttpResponse response) {
              observer(route, response.status);
              respond(std::move(response));
            });
  };
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
                                                             std::vector<Route> routes,
                                                             AnswerObserver observer,
                                                             std::shared_ptr<PeerLimits> limits) {
  HttpServer::Options options;
  options.listen = std::move(listen);
  for (const Route& route : routes) {
    options.path_rules.push_back({route.path, route.max_body_bytes, route.instead_of_5xx});
  }
  std::vector<std::string> paths;
  for (const Route& route : routes) paths.push_back(route.path);
  Handler handler = RouteRequests(std::move(routes));
  if (limits) {
    options.max_connections_per_peer = limits->max_connections();
    options.is_shared_peer = [limits](const std::string& peer) { return limits->IsExempt(peer); };
    handler = LimitRequests(std::move(limits), std::move(handler));
  }
  if (observer) {
    options.on_unreadable = [observer](int status) { observer(kOther, status); };
    handler = Observe(std::move(paths), std::move(handler), observer);
  }
  return MakeHttpServer(std::move(options), std::move(handler));
}

}  // namespace connector::edge
