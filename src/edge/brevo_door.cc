#include "edge/brevo_door.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/digest.h"
#include "base/strings.h"
#include "edge/basic_auth.h"
#include "edge/door_answers.h"

namespace connector::edge {
namespace {

struct Key {
  std::string connection;
  Sha256Digest digest;
};

std::vector<Key> KeysOf(const std::vector<BrevoDoorKeys>& doors) {
  std::vector<Key> keys;
  for (const BrevoDoorKeys& door : doors) {
    for (const Secret* token : {&door.token, &door.old_token}) {
      if (door.token.empty() || token->empty()) continue;
      keys.push_back({door.connection, Sha256(token->Reveal())});
    }
  }
  return keys;
}

// The token as it came by either scheme; nullopt if none did.
std::optional<std::string> ToldToken(const HttpRequest& request) {
  constexpr std::string_view kBearer = "bearer ";
  const std::string_view header = request.HeaderValue("authorization");
  if (AsciiLower(header.substr(0, kBearer.size())) == kBearer) {
    return std::string(Trim(header.substr(kBearer.size())));
  }
  const std::optional<std::string> basic = BasicCredentials(header);
  if (!basic) return std::nullopt;
  return basic->substr(basic->find(':') + 1);
}

// The connection whose token this is; null if nobody's. Looks at every key, so that the time it
// takes tells nothing.
const std::string* Authenticate(const std::vector<Key>& keys, const HttpRequest& request) {
  const std::optional<std::string> told = ToldToken(request);
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
  HttpResponse answer = RefusalAnswer(429, "it can't be stored now; send it again");
  answer.headers.emplace_back("Retry-After", "600");  // as Brevo does by itself
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
    answer.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"webhooks\"");
    return respond(std::move(answer));
  }
  if (!IsJson(request)) {
    door.metrics.OnWebhook(*connection, "http", "refused", "content_type");
    return respond(RefusalAnswer(415, "send application/json without Content-Encoding"));
  }
  door.intake.Submit({.connection = *connection,
                      .source = store::EventSource::kBrevo,
                      .door = "http",
                      .body = std::move(request.body)},
                     [respond](const absl::StatusOr<worker::IntakeAnswer>& outcome) {
                       respond(AnswerTo(outcome));
                     });
}

}  // namespace

std::vector<Route> BrevoWebhookRoutes(const std::vector<BrevoDoorKeys>& keys, size_t max_body_bytes,
                                      worker::Intake& intake, metrics::WebhookMetrics& metrics,
                                      const Logger& log) {
  const auto door = std::make_shared<const Door>(Door{KeysOf(keys), intake, metrics});
  std::vector<Route> routes;
  const auto add = [&](std::string path, std::vector<Key> own) {
    Route route;
    route.method = "POST";
    route.path = std::move(path);
    route.handler = [door, own = std::move(own)](HttpRequest request, const Responder& respond) {
      Open(*door, own, std::move(request), respond);
    };
    route.max_body_bytes = max_body_bytes;
    route.instead_of_5xx = 429;
    routes.push_back(std::move(route));
  };
  add(kBrevoDoor, door->keys);
  for (const BrevoDoorKeys& own : keys) {
    if (own.token.empty()) {
      log.Warning(
          "the door for Brevo's webhooks is closed: set connectors.brevo.webhook.token to open it",
          {{"connection", own.connection}, {"path", kBrevoDoor}});
    }
    add(absl::StrCat(kBrevoDoor, "/", own.connection), KeysOf({own}));
  }
  return routes;
}

}  // namespace connector::edge
