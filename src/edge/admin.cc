#include "edge/admin.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"

namespace connector::edge {
namespace {

std::string ReadinessJson(const Readiness& readiness) {
  nlohmann::json parts = nlohmann::json::array();
  for (const Readiness::Part& part : readiness.parts) {
    parts.push_back({{"name", part.name}, {"ok", part.ok}, {"detail", part.detail}});
  }
  const nlohmann::json page = {{"ready", readiness.ready()}, {"parts", std::move(parts)}};
  return page.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string EscapeHtml(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '&':
        out += "&amp;";
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

std::string StatusPage(const Readiness& readiness) {
  std::string rows;
  for (const Readiness::Part& part : readiness.parts) {
    absl::StrAppend(&rows, "<tr><td>", EscapeHtml(part.name), "<td>", part.ok ? "ok" : "not ok",
                    "<td>", EscapeHtml(part.detail), "\n");
  }
  return absl::StrCat(
      "<!doctype html><html lang=en><meta charset=utf-8>"
      "<meta name=viewport content='width=device-width'><title>pipedrive-connector</title>"
      "<style>:root{color-scheme:light dark;font-family:sans-serif}td{padding:.2em 1em .2em 0}"
      "</style><h1>pipedrive-connector: ",
      readiness.ready() ? "ready" : "not ready", "</h1><table>", rows,
      "</table><p><a href=/metrics>metrics</a> <a href=/readyz>readyz</a>\n");
}

HttpResponse Page(int status, std::string content_type, std::string body) {
  return {.status = status,
          .content_type = std::move(content_type),
          .headers = {{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}},
          .body = std::move(body)};
}

}  // namespace

bool Readiness::ready() const {
  return std::all_of(parts.begin(), parts.end(), [](const Part& part) { return part.ok; });
}

HttpResponse AnswerAdmin(const HttpRequest& request, const AdminSources& sources) {
  const bool known = request.path == "/" || request.path == "/metrics" ||
                     request.path == "/healthz" || request.path == "/readyz";
  if (!known) return Page(404, "text/plain; charset=utf-8", "no such page\n");
  if (request.method != "GET" && request.method != "HEAD") {
    HttpResponse refused = Page(405, "text/plain; charset=utf-8", "only GET and HEAD\n");
    refused.headers.emplace_back("Allow", "GET, HEAD");
    return refused;
  }
  if (request.path == "/healthz") return Page(200, "text/plain; charset=utf-8", "ok\n");
  if (request.path == "/metrics") {
    return Page(200, "text/plain; version=0.0.4; charset=utf-8", sources.metrics());
  }
  const Readiness readiness = sources.readiness();
  if (request.path == "/") {
    return Page(200, "text/html; charset=utf-8", StatusPage(readiness));
  }
  return Page(readiness.ready() ? 200 : 503, "application/json", ReadinessJson(readiness));
}

absl::StatusOr<std::unique_ptr<HttpServer>> MakeAdminServer(std::string listen,
                                                            AdminSources sources) {
  HttpServer::Options options;
  options.listen = std::move(listen);
  return MakeHttpServer(std::move(options),
                        [sources = std::move(sources)](HttpRequest request, Responder respond) {
                          respond(AnswerAdmin(request, sources));
                        });
}

}  // namespace connector::edge
