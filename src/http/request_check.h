#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "http/transport.h"

namespace connector::http {

// The host of a request that may be sent: HTTPS anywhere or plain HTTP to loopback (localhost,
// 127.0.0.0/8, ::1), no user name in the address, and no byte in the address, a header or the
// content type that could end a line. INVALID_ARGUMENT otherwise; the text never repeats the
// address, which may hold an e-mail.
absl::StatusOr<std::string> CheckRequest(const Request& request);

}  // namespace connector::http
