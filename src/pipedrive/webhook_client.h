#pragma once

// Pipedrive's webhook subscriptions, which only API v1 knows: they can be listed, created and
// deleted, but not changed.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/secret.h"
#include "http/caller.h"
#include "pipedrive/client.h"

namespace connector::pipedrive {

// A subscription as Pipedrive holds it.
struct Subscription {
  int64_t id = 0;
  std::string action;   // "*", "create", "change", "delete"; version 1.0: "added", ...
  std::string object;   // "person", "*", ...
  std::string url;      // where it is delivered to
  std::string version;  // "2.0" or "1.0"
  std::string name;
  std::string user;  // of HTTP Basic, as the deliveries send it
  Secret password;   // likewise; everybody who may list subscriptions sees it
  bool is_active = true;
  std::optional<Time> add_time;
  std::optional<Time> last_delivery_time;
  std::optional<int> last_http_status;  // nullopt beside a time: nobody answered
};

struct NewSubscription {
  std::string action;  // as above, of version 2.0
  std::string object;
  std::string url;
  std::string name;
  std::string user;
  Secret password;
};

// Blocks; any thread. Errors as those of Client; what concerns one subscription, such as an address
// that Pipedrive does not take (INVALID_ARGUMENT) or more than 40 of them (FAILED_PRECONDITION),
// has Reaction::kFailRecord.
class WebhookClient {
 public:
  virtual ~WebhookClient() = default;

  // All of them: there are no pages. 10 tokens.
  virtual absl::StatusOr<std::vector<Subscription>> ListWebhooks(
      const http::CallContext& context) = 0;
  // Of version 2.0; its id. 10 tokens. Pipedrive makes a second one of the same kind without a
  // word.
  virtual absl::StatusOr<int64_t> CreateWebhook(const NewSubscription& subscription,
                                                const http::CallContext& context) = 0;
  // OK too if it is gone. 6 tokens.
  virtual absl::Status DeleteWebhook(int64_t id, const http::CallContext& context) = 0;
};

// `caller` must outlive it.
std::unique_ptr<WebhookClient> MakeWebhookClient(Options options, http::Caller& caller);

}  // namespace connector::pipedrive
