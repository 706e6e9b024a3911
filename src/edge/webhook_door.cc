#include "edge/webhook_door.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "edge/basic_auth.h"
#include "edge/door_answers.h"

namespace connector::edge {
namespace {

struct Key {
  std::string connection;
  Sha256Digest digest;
};

// The user name is no secret, but a ':' in it would be taken for the end of it.
std::vector<Key> KeysOf(const std::vector<DoorKeys>& doors) {
  std::vector<Key> keys;
  for (const DoorKeys& door : doors) {
    for (const Secret* password : {&door.password, &door.old_password}) {
      if (door.password.empty() || password->empty()) continue;
      keys.push_back({door.connection, CredentialsDigest(door.user, password->Reveal())});
    }
  }
  return keys;
}

// The connection whose credentials these are; null if nobody's. Looks at every key, so that the
// time it takes tells nothing.
const std::string* Authenticate(const std::vector<Key>& keys, const HttpRequest& request) {
  const std::optional<std::string> told = BasicCredentials(request.HeaderValue("authorization"));
  const Sha256Digest digest = Sha256(told.value_or(""));
  const std::string* found = nullptr;
  for (const Key& key : keys) {
    if (SameDigest(key.digest, digest) && found == nullptr) found = &key.connection;
  }
  return told ? found : nullptr;
}

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
  std::vector<Key> keys;
  worker::Intake& intake;
  metrics::WebhookMetrics& metrics;
};

void Open(const Door& door, const std::vector<Key>& keys, HttpRequest request,
          const Responder& respond) {
  const std::string* connection = Authenticate(keys, request);
  if (connection == nullptr) {
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

std::vector<Route> PipedriveWebhookRoutes(std::vector<DoorKeys> keys, worker::Intake& intake,
                                          metrics::WebhookMetrics& metrics, const Logger& log) {
  const auto door = std::make_shared<const Door>(Door{KeysOf(keys), intake, metrics});
  std::vector<Route> routes;
  routes.push_back({"POST", kPipedriveDoor, [door](HttpRequest request, const Responder& respond) {
                      Open(*door, door->keys, std::move(request), respond);
                    }});
  for (const DoorKeys& own : keys) {
    if (own.password.empty()) {
      log.Warning(
          "the door for Pipedrive's webhooks is closed: set "
          "connectors.pipedrive.webhook.password to open it",
          {{"connection", own.connection}, {"path", kPipedriveDoor}});
    }
    routes.push_back({"POST", absl::StrCat(kPipedriveDoor, "/", own.connection),
                      [door, mine = KeysOf({own})](HttpRequest request, const Responder& respond) {
                        Open(*door, mine, std::move(request), respond);
                      }});
  }
  return routes;
}

}  // namespace connector::edge
