#pragma once

// Brevo's subscriptions to marketing webhooks: one tells of several events.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/secret.h"
#include "brevo/client.h"
#include "http/caller.h"

namespace connector::brevo {

struct Subscription {
  int64_t id = 0;
  std::string url;
  std::string description;
  std::vector<std::string> events;  // as Brevo spells them in subscriptions; sorted
  bool batched = false;
  std::optional<Secret> token;  // of the bearer scheme; nullopt: not shown
  std::optional<Time> created_at;
};

// Blocks; any thread. Errors as those of Client. Every call counts among the 100 an hour.
class WebhookClient {
 public:
  virtual ~WebhookClient() = default;

  // Those for marketing events: there are no pages.
  virtual absl::StatusOr<std::vector<Subscription>> ListWebhooks(
      const http::CallContext& context) = 0;
  // Unbatched; its id. `token` is sent as bearer token with every delivery.
  virtual absl::StatusOr<int64_t> CreateWebhook(const Subscription& wanted,
                                                const http::CallContext& context) = 0;
  virtual absl::Status UpdateWebhook(const Subscription& wanted,
                                     const http::CallContext& context) = 0;
  // OK too if it is gone.
  virtual absl::Status DeleteWebhook(int64_t id, const http::CallContext& context) = 0;
};

// `caller` must outlive it.
std::unique_ptr<WebhookClient> MakeWebhookClient(Options options, http::Caller& caller);

}  // namespace connector::brevo
