#include "edge/webhook_door.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "edge/basic_auth.h"
#include "edge/http_answers.h"

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

// JSON in one piece. A missing type is taken for it: what the body is shows when it is read.
bool IsJson(const HttpRequest& request) {
  const std::string_view encoding = request.HeaderValue("content-encoding");
  if (!encoding.empty() && AsciiLower(encoding) != "identity") return false;
  const std::string_view header = request.HeaderValue("content-type");
  const std::string type = AsciiLower(Trim(header.substr(0, header.find(';'))));
  return header.empty() || type == "application/json" ||
         (type.starts_with("application/") && type.ends_with("+json"));
}

std::string_view OutcomeName(worker::IntakeOutcome outcome) {
  switch (outcome) {
    case worker::IntakeOutcome::kAccepted:
      return "accepted";
    case worker::IntakeOutcome::kDuplicate:
      return "duplicate";
    case worker::IntakeOutcome::kIgnored:
      return "ignored";
    case worker::IntakeOutcome::kApplied:
      break;
  }
  return "applied";
}

HttpResponse JsonAnswer(int status, const nlohmann::json& body) {
  // What a sender wrote and we repeat need not be UTF-8.
  HttpResponse answer = PlainAnswer(
      status, body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  answer.content_type = "application/json";
  return answer;
}

HttpResponse Refusal(int status, std::string_view error) {
  return JsonAnswer(status, {{"error", error}});
}

HttpResponse AnswerTo(const absl::StatusOr<worker::IntakeAnswer>& outcome) {
  if (outcome.ok()) {
    nlohmann::json body = {{"outcome", OutcomeName(outcome->outcome)}, {"event_id", outcome->key}};
    if (!outcome->detail.empty()) body["detail"] = outcome->detail;
    return JsonAnswer(200, body);
  }
  if (absl::IsInvalidArgument(outcome.status())) {
    return Refusal(400, ToStd(outcome.status().message()));
  }
  HttpResponse answer = Refusal(503, "it can't be stored now; send it again");
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
    HttpResponse answer = Refusal(401, "wrong or no credentials");
    answer.headers.emplace_back("WWW-Authenticate", "Basic realm=\"webhooks\", charset=\"UTF-8\"");
    return respond(std::move(answer));
  }
  if (!IsJson(request)) {
    door.metrics.OnWebhook(*connection, "http", "refused", "content_type");
    return respond(Refusal(415, "send application/json without Content-Encoding"));
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
