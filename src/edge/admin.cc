#include "edge/admin.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/status.h"
#include "edge/http_answers.h"
#include "edge/page_thread.h"
#include "edge/status_page.h"

namespace connector::edge {
namespace {

constexpr char kStatusData[] = "/status.json";

std::string ReadinessJson(const Readiness& readiness) {
  nlohmann::json parts = nlohmann::json::array();
  for (const Readiness::Part& part : readiness.parts) {
    parts.push_back({{"name", part.name}, {"ok", part.ok}, {"detail", part.detail}});
  }
  const nlohmann::json page = {{"ready", readiness.ready()}, {"parts", std::move(parts)}};
  return page.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

HttpResponse Page(int status, std::string content_type, std::string body) {
  HttpResponse page = PlainAnswer(status, std::move(body));
  page.content_type = std::move(content_type);
  return page;
}

class AdminServer : public HttpServer {
 public:
  explicit AdminServer(AdminSources sources) : sources_(std::move(sources)) {}
  ~AdminServer() override { Stop(Duration::zero()); }

  absl::Status Start(std::string listen) {
    Options options;
    options.listen = std::move(listen);
    CONNECTOR_ASSIGN_OR_RETURN(
        server_, MakeHttpServer(std::move(options),
                                [this](const HttpRequest& request, const Responder& respond) {
                                  Answer(request, respond);
                                }));
    return absl::OkStatus();
  }

  int port() const override { return server_->port(); }

  void Stop(Duration deadline) override {
    if (server_) server_->Stop(deadline);
    metrics_thread_.Stop();
    readiness_thread_.Stop();
    status_thread_.Stop();
  }

 private:
  // The thread of the source that `path` asks; nullptr for pages that ask none.
  PageThread* ThreadOf(const std::string& path) {
    if (path == "/metrics") return &metrics_thread_;
    if (path == "/readyz") return &readiness_thread_;
    return path == kStatusData ? &status_thread_ : nullptr;
  }

  void Answer(const HttpRequest& request, const Responder& respond) {
    PageThread* const thread = ThreadOf(request.path);
    if (thread == nullptr) return respond(AnswerAdmin(request, sources_));
    const bool taken = thread->Post([this, request, respond] {
      try {
        respond(AnswerAdmin(request, sources_));
      } catch (...) {
        respond(PlainAnswer(500, "internal error\n"));
      }
    });
    if (!taken) respond(PlainAnswer(503, "too many requests wait for this page\n"));
  }

  const AdminSources sources_;
  PageThread metrics_thread_;
  PageThread readiness_thread_;
  PageThread status_thread_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace

bool Readiness::ready() const {
  return std::all_of(parts.begin(), parts.end(), [](const Part& part) { return part.ok; });
}

HttpResponse AnswerAdmin(const HttpRequest& request, const AdminSources& sources) {
  HttpResponse file;
  const bool is_file = FindPageFile(request.path, file);
  const bool known = is_file || request.path == "/metrics" || request.path == "/healthz" ||
                     request.path == "/readyz" || request.path == kStatusData;
  if (!known) return PlainAnswer(404, "no such page\n");
  if (request.method != "GET" && request.method != "HEAD") {
    HttpResponse refused = PlainAnswer(405, "only GET and HEAD\n");
    refused.headers.emplace_back("Allow", "GET, HEAD");
    return refused;
  }
  if (is_file) return file;
  if (request.path == "/healthz") return PlainAnswer(200, "ok\n");
  if (request.path == "/metrics") {
    return Page(200, "text/plain; version=0.0.4; charset=utf-8", sources.metrics());
  }
  if (request.path == kStatusData) {
    return Page(200, "application/json", StatusJson(sources.status(), sources.history()));
  }
  const Readiness readiness = sources.readiness();
  return Page(readiness.ready() ? 200 : 503, "application/json", ReadinessJson(readiness));
}

absl::StatusOr<std::unique_ptr<HttpServer>> MakeAdminServer(std::string listen,
                                                            AdminSources sources) {
  auto server = std::make_unique<AdminServer>(std::move(sources));
  CONNECTOR_RETURN_IF_ERROR(server->Start(std::move(listen)));
  return server;
}

}  // namespace connector::edge
