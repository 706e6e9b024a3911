#pragma once

// POST /webhooks/pipedrive: where Pipedrive's webhooks come in.

#include <string>
#include <vector>

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

// kPipedriveDoor, which tells connections apart by their credentials, and kPipedriveDoor/NAME for
// each connection. Says in the log which doors are closed. Answers, once the credentials are right:
//   200 accepted, duplicate or ignored; 400 malformed; 415 not JSON; 503 it can't be stored now
// and 401 to everybody else. `intake` and `metrics` outlive the routes.
std::vector<Route> PipedriveWebhookRoutes(std::vector<DoorKeys> keys, worker::Intake& intake,
                                          metrics::WebhookMetrics& metrics, const Logger& log);

}  // namespace connector::edge
