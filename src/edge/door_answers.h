#pragma once

// What the doors for webhooks say.

#include <string_view>

#include "edge/http_server.h"
#include "worker/intake.h"

namespace connector::edge {

// JSON in one piece. A missing type is taken for it: what the body is shows when it is read.
bool IsJson(const HttpRequest& request);

// {"error": ...}
HttpResponse RefusalAnswer(int status, std::string_view error);

// 200 {"outcome": ..., "event_id": ..., "detail": ...}
HttpResponse OutcomeAnswer(const worker::IntakeAnswer& answer);

}  // namespace connector::edge
