#include "pipedrive/webhook_client.h"

#include <utility>

#include "base/status.h"
#include "pipedrive/endpoint.h"
#include "pipedrive/operations.h"
#include "pipedrive/subscription_codec.h"

namespace connector::pipedrive {
namespace {

constexpr std::string_view kPath = "/api/v1/webhooks";

// Neither the way the account is read nor the version of its records matters here.
class V1WebhookClient : public WebhookClient {
 public:
  V1WebhookClient(Options options, http::Caller& caller) : endpoint_(std::move(options), caller) {}

  absl::StatusOr<std::vector<Subscription>> ListWebhooks(
      const http::CallContext& context) override {
    return endpoint_.GetDecoded<std::vector<Subscription>>(
        kListWebhooks, endpoint_.At(kPath), context,
        [](const http::Response& response) { return DecodeSubscriptions(response.body); });
  }

  absl::StatusOr<int64_t> CreateWebhook(const NewSubscription& subscription,
                                        const http::CallContext& context) override {
    const std::string body = EncodeSubscription(subscription);
    int64_t id = 0;
    CONNECTOR_RETURN_IF_ERROR(
        endpoint_.Send({kCreateWebhook, http::Method::kPost, endpoint_.At(kPath), body}, context,
                       [&id](const http::Response& response) -> absl::Status {
                         CONNECTOR_ASSIGN_OR_RETURN(id, DecodeSubscriptionId(response.body));
                         return absl::OkStatus();
                       }));
    return id;
  }

  absl::Status DeleteWebhook(int64_t id, const http::CallContext& context) override {
    http::Url url = endpoint_.At(kPath);
    url.Segment(id);
    const absl::Status status =
        endpoint_.Send({kDeleteWebhook, http::Method::kDelete, url, {}}, context,
                       [](const http::Response&) { return absl::OkStatus(); });
    return absl::IsNotFound(status) ? absl::OkStatus() : status;
  }

 private:
  const Endpoint endpoint_;
};

}  // namespace

std::unique_ptr<WebhookClient> MakeWebhookClient(Options options, http::Caller& caller) {
  return std::make_unique<V1WebhookClient>(std::move(options), caller);
}

}  // namespace connector::pipedrive
