#include "edge/webhook_door.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "edge/basic_auth.h"
#include "edge/door_answers.h"

namespace connector::edge {
namespace {

HttpResponse AnswerTo(const absl::StatusOr<worker::IntakeAnswer>& outcome) {
  if (outcome.ok()) return OutcomeAnswer(*outcome);
  if (absl::IsInvalidArgument(outcome.status())) {
    return RefusalAnswer(400, ToStd(outcome.status().message()));
  }
  HttpResponse answer = RefusalAnswer(503, "it can't be stored now; send it again");
  answer.headers.emplace_back("Retry-After", "3");  // as Pipedrive does by itself
  return answer;
}

// What the routes share.
struct Door {
  std::shared_ptr<DoorRing> ring;
  worker::Intake& intake;
  metrics::WebhookMetrics& metrics;
};

void Open(const Door& door, std::string_view only, HttpRequest request, const Responder& respond) {
  const std::optional<std::string> connection = door.ring->Authenticate(request, only);
  if (!connection) {
    door.metrics.OnWebhook("", "http", "refused", "unauthorized");
    HttpResponse answer = RefusalAnswer(401, "wrong or no credentials");
    answer.headers.emplace_back("WWW-Authenticate", "Basic realm=\"webhooks\", charset=\"UTF-8\"");
    return respond(std::move(answer));
  }
  if (!IsJson(request)) {
    door.metrics.OnWebhook(*connection, "http", "refused", "content_type");
    return respond(RefusalAnswer(415, "send application/json without Content-Encoding"));
  }
  door.intake.Submit({.connection = *connection,
                      .source = store::EventSource::kPipedrive,
                      .door = "http",
                      .body = std::move(request.body)},
                     [respond](const absl::StatusOr<worker::IntakeAnswer>& outcome) {
                       respond(AnswerTo(outcome));
                     });
}

}  // namespace

// The user name is no secret, but a ':' in it would be taken for the end of it.
void DoorRing::Set(const std::vector<DoorKeys>& keys) {
  std::vector<Key> made;
  for (const DoorKeys& door : keys) {
    for (const Secret* password : {&door.password, &door.old_password}) {
      if (door.password.empty() || password->empty()) continue;
      made.push_back({door.connection, CredentialsDigest(door.user, password->Reveal())});
    }
  }
  const std::lock_guard lock(mutex_);
  keys_ = std::move(made);
}

std::optional<std::string> DoorRing::Authenticate(const HttpRequest& request,
                                                  std::string_view only) const {
  const std::optional<std::string> told = BasicCredentials(request.HeaderValue("authorization"));
  const Sha256Digest digest = Sha256(told.value_or(""));
  const std::lock_guard lock(mutex_);
  const std::string* found = nullptr;
  for (const Key& key : keys_) {
    const bool same = SameDigest(key.digest, digest) && (only.empty() || key.connection == only);
    if (same && found == nullptr) found = &key.connection;
  }
  return told && found != nullptr ? std::optional(*found) : std::nullopt;
}

std::vector<Route> PipedriveWebhookRoutes(std::vector<DoorKeys> keys, worker::Intake& intake,
                                          metrics::WebhookMetrics& metrics, const Logger& log,
                                          std::shared_ptr<DoorRing> ring) {
  if (!ring) ring = std::make_shared<DoorRing>(keys);
  const auto door = std::make_shared<const Door>(Door{std::move(ring), intake, metrics});
  std::vector<Route> routes;
  routes.push_back({"POST", kPipedriveDoor, [door](HttpRequest request, const Responder& respond) {
                      Open(*door, "", std::move(request), respond);
                    }});
  for (const DoorKeys& own : keys) {
    if (own.password.empty()) {
      log.Warning(
          "the door for Pipedrive's webhooks is closed: set "
          "connectors.pipedrive.webhook.password to open it",
          {{"connection", own.connection}, {"path", kPipedriveDoor}});
    }
    routes.push_back({"POST", absl::StrCat(kPipedriveDoor, "/", own.connection),
                      [door, name = own.connection](HttpRequest request, const Responder& respond) {
                        Open(*door, name, std::move(request), respond);
                      }});
  }
  return routes;
}

}  // namespace connector::edge
