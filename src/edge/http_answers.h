#pragma once

// Answers as plain values.

#include <string>

#include "edge/http_server.h"

namespace connector::edge {

// False for what would break the message: see HttpResponse.
bool CanBeSent(const HttpResponse& response);

// Plain text, not to be kept by anybody, and shown as nothing but text.
HttpResponse PlainAnswer(int status, std::string body);

}  // namespace connector::edge
