#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "edge/http_server.h"
#include "model/service_status.h"
#include "worker/status_history.h"

namespace connector::edge {

// Whether the service can do its work, part by part.
struct Readiness {
  struct Part {
    std::string name;  // "store", "default/brevo"
    bool ok = false;
    std::string detail;  // what is wrong and what to do; no secrets
  };
  std::vector<Part> parts;

  bool ready() const;
};

// What the pages show. Each source is called on a thread of its own, one page at a time, so that
// one that takes long holds up neither the other nor /healthz. What a source throws is answered as
// 500.
struct AdminSources {
  std::function<std::string()> metrics;  // in Prometheus' text format
  std::function<Readiness()> readiness;
  std::function<ServiceStatus()> status{};
  std::function<worker::StatusHistory::Snapshot()> history{};
};

// The answer to one request, for tests without a socket.
HttpResponse AnswerAdmin(const HttpRequest& request, const AdminSources& sources);

// The admin listener: GET /metrics, /healthz (the process lives), /readyz (200 or 503 with the
// parts as JSON), and the status page for people at / and /status, with its data at /status.json.
absl::StatusOr<std::unique_ptr<HttpServer>> MakeAdminServer(std::string listen,
                                                            AdminSources sources);

}  // namespace connector::edge
