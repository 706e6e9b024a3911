#pragma once

// POST /webhooks/pipedrive: where Pipedrive's webhooks come in.

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/log.h"
#include "base/secret.h"
#include "edge/public.h"
#include "metrics/webhook_metrics.h"
#include "worker/intake.h"

namespace connector::edge {

inline constexpr char kPipedriveDoor[] = "/webhooks/pipedrive";

// Who may bring webhooks for a connection: HTTP Basic. Without a password nobody.
struct DoorKeys {
  std::string connection;
  std::string user;
  Secret password;
  Secret old_password;  // still valid while a new one is being rolled out; may be empty
};

// The keys of every connection as they are now. Any thread.
class DoorRing {
 public:
  explicit DoorRing(const std::vector<DoorKeys>& keys) { Set(keys); }
  void Set(const std::vector<DoorKeys>& keys);

  // The connection whose credentials the request carries, if it is `only` (a name; "" for any).
  // Looks at every key, so that the time it takes tells nothing.
  std::optional<std::string> Authenticate(const HttpRequest& request, std::string_view only) const;

 private:
  struct Key {
    std::string connection;
    Sha256Digest digest;
  };
  mutable std::mutex mutex_;  // guards keys_
  std::vector<Key> keys_;
};

// kPipedriveDoor, which tells connections apart by their credentials, and kPipedriveDoor/NAME for
// each connection. Says in the log which doors are closed. Answers, once the credentials are right:
//   200 accepted, duplicate or ignored; 400 malformed; 415 not JSON; 503 it can't be stored now
// and 401 to everybody else. `intake` and `metrics` outlive the routes.
// `ring`, which holds the same keys at first, may be given others later; null: it never is.
std::vector<Route> PipedriveWebhookRoutes(std::vector<DoorKeys> keys, worker::Intake& intake,
                                          metrics::WebhookMetrics& metrics, const Logger& log,
                                          std::shared_ptr<DoorRing> ring = nullptr);

}  // namespace connector::edge
