#pragma once

// POST /webhooks/brevo: where Brevo's webhooks come in.

#include <string>
#include <vector>

#include "base/log.h"
#include "base/secret.h"
#include "edge/public.h"
#include "metrics/webhook_metrics.h"
#include "worker/intake.h"

namespace connector::edge {

inline constexpr char kBrevoDoor[] = "/webhooks/brevo";

// Who may bring webhooks for a connection: a bearer token, or HTTP Basic with the token as password
// and any user name (Brevo takes both, the latter in the address). Without a token nobody.
struct BrevoDoorKeys {
  std::string connection;
  Secret token;
  Secret old_token;  // still valid while a new one is being rolled out; may be empty
};

// kBrevoDoor, which tells connections apart by their tokens, and kBrevoDoor/NAME for each
// connection. Says in the log which doors are closed. Answers, once the token is right:
//   200 accepted, duplicate or ignored; 400 malformed; 415 not JSON; 429 it can't be stored now
// and 401 to everybody else. Never 5xx: Brevo would discard the event, while after a 429 it tries
// again four times. `intake` and `metrics` outlive the routes.
std::vector<Route> BrevoWebhookRoutes(const std::vector<BrevoDoorKeys>& keys, size_t max_body_bytes,
                                      worker::Intake& intake, metrics::WebhookMetrics& metrics,
                                      const Logger& log);

}  // namespace connector::edge
