#include "brevo/webhook_client.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/log.h"
#include "base/status.h"
#include "base/time_format.h"
#include "brevo/errors.h"
#include "brevo/operations.h"
#include "http/answer.h"
#include "http/json.h"
#include "http/url.h"

namespace connector::brevo {
namespace {

using http::JsonValue;

constexpr std::string_view kPath = "/v3/webhooks";
constexpr size_t kMaxBytes = size_t{4} << 20;

std::string TextOf(JsonValue value) { return std::string(value.Text().value_or("")); }

Subscription ReadSubscription(JsonValue value) {
  Subscription out;
  out.id = value["id"].Integer().value_or(0);
  out.url = TextOf(value["url"]);
  out.description = TextOf(value["description"]);
  value["events"].ForEach([&out](JsonValue event) { out.events.push_back(TextOf(event)); });
  std::sort(out.events.begin(), out.events.end());
  out.batched = value["batched"].Flag().value_or(false);
  if (const auto token = value["auth"]["token"].Text()) out.token = Secret(std::string(*token));
  if (const auto created = value["createdAt"].Text()) out.created_at = ParseTime(*created);
  return out;
}

absl::StatusOr<std::vector<Subscription>> DecodeSubscriptions(std::string_view body) {
  http::JsonText json;
  if (!json.Parse(body) || json.root()["webhooks"].kind() != JsonValue::Kind::kArray) {
    return Unreadable("no list of webhooks");
  }
  std::vector<Subscription> all;
  json.root()["webhooks"].ForEach(
      [&all](JsonValue value) { all.push_back(ReadSubscription(value)); });
  return all;
}

absl::StatusOr<int64_t> DecodeId(std::string_view body) {
  http::JsonText json;
  const auto id = json.Parse(body) ? json.root()["id"].Integer() : std::nullopt;
  if (!id) return Unreadable("no id of the new webhook");
  return *id;
}

// The type can only be given at the creation, and is transactional unless it is.
std::string Encode(const Subscription& wanted, bool with_type) {
  std::string out = "{\"url\":";
  AppendJsonString(out, wanted.url);
  out += ",\"description\":";
  AppendJsonString(out, wanted.description);
  if (with_type) out += ",\"type\":\"marketing\",\"channel\":\"email\"";
  out += ",\"batched\":false,\"events\":";
  std::string_view separator = "[";
  for (const std::string& event : wanted.events) {
    out += separator;
    separator = ",";
    AppendJsonString(out, event);
  }
  out += ']';
  if (wanted.token) {
    out += ",\"auth\":{\"type\":\"bearer\",\"token\":";
    AppendJsonString(out, wanted.token->Reveal());
    out += '}';
  }
  out += '}';
  return out;
}

class RestWebhookClient : public WebhookClient {
 public:
  RestWebhookClient(Options options, http::Caller& caller)
      : options_(std::move(options)), caller_(caller) {}

  absl::StatusOr<std::vector<Subscription>> ListWebhooks(
      const http::CallContext& context) override {
    http::Url url = At();
    url.Query("type", "marketing").Query("sort", "asc");
    std::vector<Subscription> all;
    const absl::Status status =
        Send(kListWebhooks, http::Method::kGet, url, "", context,
             [&all](const http::Response& response) -> absl::Status {
               CONNECTOR_ASSIGN_OR_RETURN(all, DecodeSubscriptions(response.body));
               return absl::OkStatus();
             });
    // "Webhook not found": there are none.
    if (!status.ok() && !absl::IsNotFound(status)) return status;
    return all;
  }

  absl::StatusOr<int64_t> CreateWebhook(const Subscription& wanted,
                                        const http::CallContext& context) override {
    int64_t id = 0;
    CONNECTOR_RETURN_IF_ERROR(Send(kCreateWebhook, http::Method::kPost, At(),
                                   Encode(wanted, /*with_type=*/true), context,
                                   [&id](const http::Response& response) -> absl::Status {
                                     CONNECTOR_ASSIGN_OR_RETURN(id, DecodeId(response.body));
                                     return absl::OkStatus();
                                   }));
    return id;
  }

  absl::Status UpdateWebhook(const Subscription& wanted,
                             const http::CallContext& context) override {
    return Send(kUpdateWebhook, http::Method::kPut, At().Segment(wanted.id),
                Encode(wanted, /*with_type=*/false), context,
                [](const http::Response&) { return absl::OkStatus(); });
  }

  absl::Status DeleteWebhook(int64_t id, const http::CallContext& context) override {
    const absl::Status status =
        Send(kDeleteWebhook, http::Method::kDelete, At().Segment(id), "", context,
             [](const http::Response&) { return absl::OkStatus(); });
    return absl::IsNotFound(status) ? absl::OkStatus() : status;
  }

 private:
  http::Url At() const { return http::Url(options_.base_url, kPath); }

  absl::Status Send(const quota::Operation& operation, http::Method method, const http::Url& url,
                    std::string_view body, const http::CallContext& context,
                    const std::function<absl::Status(const http::Response&)>& read) const {
    http::Request request;
    request.method = method;
    request.url = url.text();
    request.headers = {{"api-key", options_.api_key.Reveal()}, {"accept", "application/json"}};
    request.body = body;
    request.max_response_bytes = kMaxBytes;
    const auto classify = [&](const http::Response& response) {
      if (response.status >= 300) {
        return Classify(operation, http::Redacted(response, options_.api_key));
      }
      CONNECTOR_RETURN_IF_ERROR(Classify(operation, response));
      return read(response);
    };
    return caller_.Call(operation, request, context, classify).status();
  }

  const Options options_;
  http::Caller& caller_;
};

}  // namespace

std::unique_ptr<WebhookClient> MakeWebhookClient(Options options, http::Caller& caller) {
  return std::make_unique<RestWebhookClient>(std::move(options), caller);
}

}  // namespace connector::brevo
