#include "pipedrive/subscription_codec.h"

#include <utility>

#include "base/log.h"
#include "base/time_format.h"
#include "http/json.h"
#include "pipedrive/errors.h"

namespace connector::pipedrive {
namespace {

using http::JsonValue;

void AppendMember(std::string& out, std::string_view name, std::string_view text) {
  if (out.size() > 1) out.push_back(',');
  AppendJsonString(out, name);
  out.push_back(':');
  AppendJsonString(out, text);
}

std::optional<Time> TimeOf(JsonValue value) {
  const auto text = value.Text();
  return text ? ParseTime(*text) : std::nullopt;
}

Subscription ReadSubscription(JsonValue value) {
  Subscription out;
  out.id = value["id"].Integer().value_or(0);
  out.action = value["event_action"].ScalarText().value_or("");
  out.object = value["event_object"].ScalarText().value_or("");
  out.url = value["subscription_url"].ScalarText().value_or("");
  out.version = value["version"].ScalarText().value_or("");
  out.name = value["name"].ScalarText().value_or("");
  out.user = value["http_auth_user"].ScalarText().value_or("");
  out.password = Secret(value["http_auth_password"].ScalarText().value_or(""));
  out.is_active = value["is_active"].Flag().value_or(true);
  out.add_time = TimeOf(value["add_time"]);
  out.last_delivery_time = TimeOf(value["last_delivery_time"]);
  if (const auto status = value["last_http_status"].Integer(); status && *status > 0) {
    out.last_http_status = static_cast<int>(*status);
  }
  return out;
}

}  // namespace

std::string EncodeSubscription(const NewSubscription& subscription) {
  std::string out = "{";
  AppendMember(out, "subscription_url", subscription.url);
  AppendMember(out, "event_action", subscription.action);
  AppendMember(out, "event_object", subscription.object);
  AppendMember(out, "name", subscription.name);
  AppendMember(out, "version", "2.0");
  if (!subscription.user.empty()) AppendMember(out, "http_auth_user", subscription.user);
  if (!subscription.password.empty()) {
    AppendMember(out, "http_auth_password", subscription.password.Reveal());
  }
  out.push_back('}');
  return out;
}

absl::StatusOr<std::vector<Subscription>> DecodeSubscriptions(std::string_view body) {
  http::JsonText json;
  if (!json.Parse(body)) return Unreadable("it is not whole, valid JSON");
  const JsonValue data = json.root()["data"];
  const bool list = data.kind() == JsonValue::Kind::kArray;
  if (!list && data.kind() != JsonValue::Kind::kNull) return Unreadable("it has no list `data`");
  std::vector<Subscription> subscriptions;
  bool whole = true;
  data.ForEach([&](JsonValue value) {
    subscriptions.push_back(ReadSubscription(value));
    whole = whole && subscriptions.back().id > 0;
  });
  // One that is overlooked would be made again.
  if (!whole) return Unreadable("a subscription has no id");
  return subscriptions;
}

absl::StatusOr<int64_t> DecodeSubscriptionId(std::string_view body) {
  http::JsonText json;
  if (!json.Parse(body)) return Unreadable("it is not whole, valid JSON");
  const auto id = json.root()["data"]["id"].Integer();
  if (!id || *id <= 0) return Unreadable("it has no id");
  return *id;
}

}  // namespace connector::pipedrive
