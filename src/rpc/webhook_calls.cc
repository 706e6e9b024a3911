#include "rpc/webhook_calls.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/status.h"
#include "google/protobuf/util/time_util.h"
#include "rpc/deadline.h"
#include "rpc/status.h"

namespace connector::rpc {
namespace {

namespace v1 = pipedrive_connector::v1;

using Action = sync::SubscriptionStep::Action;

// For callers without a deadline: some 20 calls, each of which may wait for the rate budget.
constexpr Duration kLongest = std::chrono::minutes(2);

google::protobuf::Timestamp ToProto(Time time) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(time.time_since_epoch().count());
}

v1::WebhookAction ToProto(Action action) {
  switch (action) {
    case Action::kKeep:
      return v1::WEBHOOK_ACTION_KEPT;
    case Action::kCreate:
      return v1::WEBHOOK_ACTION_CREATED;
    case Action::kRemove:
      return v1::WEBHOOK_ACTION_REMOVED;
    case Action::kReplace:
      return v1::WEBHOOK_ACTION_REPLACED;
  }
  return v1::WEBHOOK_ACTION_UNSPECIFIED;
}

// Others' addresses may hold their credentials.
std::string WithoutSecrets(std::string url) {
  url = url.substr(0, url.find_first_of("?#"));
  const size_t scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  const size_t host = scheme + 3;
  const size_t end = std::min(url.find('/', host), url.size());
  const size_t at = url.rfind('@', end);
  if (at != std::string::npos && at >= host && at < end) url.erase(host, at + 1 - host);
  return url;
}

void Add(const std::vector<sync::SubscriptionStep>& steps, v1::Api api,
         v1::EnsureWebhooksResponse& response) {
  for (const sync::SubscriptionStep& step : steps) {
    v1::WebhookChange& change = *response.add_changes();
    change.set_api(api);
    change.set_event(step.event);
    change.set_action(ToProto(step.action));
    change.set_webhook_id(step.id);
    change.set_detail(step.why);
  }
}

void Fill(const sync::Subscriptions::Report& report, v1::EnsureWebhooksResponse& response) {
  Add(report.steps, v1::API_PIPEDRIVE, response);
  Add(report.brevo_steps, v1::API_BREVO, response);
  for (const std::string& warning : report.warnings) response.add_warnings(warning);
}

v1::Webhook ToProto(const sync::Subscription& one, const sync::SubscriptionSettings& settings) {
  v1::Webhook out;
  out.set_id(one.id);
  out.set_url(WithoutSecrets(one.url));
  out.set_event_action(one.action);
  out.set_event_object(one.object);
  out.set_version(one.version);
  out.set_is_active(one.is_active);
  if (one.add_time) *out.mutable_add_time() = ToProto(*one.add_time);
  if (one.last_delivery_time) *out.mutable_last_delivery_time() = ToProto(*one.last_delivery_time);
  out.set_last_http_status(one.last_http_status.value_or(0));
  out.set_name(one.name);
  out.set_ours(sync::IsOurs(one, settings));
  return out;
}

// INVALID_ARGUMENT names the field.
absl::StatusOr<sync::NewSubscription> ToSubscription(const v1::CreateWebhookRequest& request) {
  if (request.url().rfind("https://", 0) != 0) {
    return absl::InvalidArgumentError("url: must begin with https://");
  }
  constexpr std::array<std::string_view, 4> kActions = {"create", "change", "delete", "*"};
  if (std::find(kActions.begin(), kActions.end(), request.event_action()) == kActions.end()) {
    return absl::InvalidArgumentError("event_action: must be create, change, delete or *");
  }
  if (request.event_object().empty()) {
    return absl::InvalidArgumentError("event_object: must be a kind of record or *");
  }
  if (request.http_auth_user().empty() != request.http_auth_password().empty()) {
    return absl::InvalidArgumentError("http_auth_user: user and password go together");
  }
  sync::NewSubscription out;
  out.action = request.event_action();
  out.object = request.event_object();
  out.url = request.url();
  out.name = request.name().empty() ? "pipedrive-connector" : request.name();
  out.user = request.http_auth_user();
  out.password = Secret(request.http_auth_password());
  return out;
}

}  // namespace

grpc::ServerUnaryReactor* WebhookCalls::Post(
    grpc::CallbackServerContext& context,
    std::function<absl::Status(const http::CallContext&)> work) {
  grpc::ServerUnaryReactor* const reactor = context.DefaultReactor();
  const Time deadline = DeadlineOf(context, clock_, kLongest);
  const auto end = [reactor, &context](const absl::Status& status) {
    reactor->Finish(ToGrpc(ForCaller(status, ""), context));
  };
  const absl::Status posted =
      pool_.Post(deadline, [work = std::move(work), end, deadline](const std::stop_token& stop) {
        http::CallContext call;
        call.priority = quota::Priority::kInteractive;
        call.deadline = deadline;
        call.stop = stop;
        end(worker::ForCaller(work(call), stop));
      });
  if (!posted.ok()) end(posted);
  return reactor;
}

grpc::ServerUnaryReactor* WebhookCalls::Ensure(grpc::CallbackServerContext& context,
                                               const v1::EnsureWebhooksRequest& request,
                                               v1::EnsureWebhooksResponse& response) {
  return Post(context, [this, &request, &response](const http::CallContext& call) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(
        const auto report, subscriptions_.Ensure(request.connection(), request.dry_run(), call));
    Fill(report, response);
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* WebhookCalls::List(grpc::CallbackServerContext& context,
                                             const v1::ListWebhooksRequest& request,
                                             v1::ListWebhooksResponse& response) {
  return Post(context, [this, &request, &response](const http::CallContext& call) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(const auto all, subscriptions_.List(request.connection(), call));
    const auto& settings = *subscriptions_.SettingsOf(request.connection());
    for (const auto& one : all) *response.add_webhooks() = ToProto(one, settings);
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* WebhookCalls::Create(grpc::CallbackServerContext& context,
                                               const v1::CreateWebhookRequest& request,
                                               v1::CreateWebhookResponse& response) {
  return Post(context, [this, &request, &response](const http::CallContext& call) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(const auto wanted, ToSubscription(request));
    CONNECTOR_ASSIGN_OR_RETURN(const sync::Subscription made,
                               subscriptions_.Create(request.connection(), wanted, call));
    *response.mutable_webhook() = ToProto(made, *subscriptions_.SettingsOf(request.connection()));
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* WebhookCalls::Delete(grpc::CallbackServerContext& context,
                                               const v1::DeleteWebhookRequest& request) {
  return Post(context, [this, &request](const http::CallContext& call) -> absl::Status {
    if (request.webhook_id() <= 0) {
      return absl::InvalidArgumentError("webhook_id: says which subscription; set it");
    }
    return subscriptions_.Delete(request.connection(), request.webhook_id(), call);
  });
}

}  // namespace connector::rpc
