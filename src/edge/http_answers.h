#pragma once

// Answers as plain values.

#include <string>

#include "edge/http_server.h"

namespace connector::edge {

// False for what would break the message: see HttpResponse.
bool CanBeSent(const HttpResponse& response);

// Plain text, not to be kept by anybody, and shown as nothing but text.
HttpResponse PlainAnswer(int status, std::string body);

// HTML of our own making: it may be styled, and load, run or frame nothing.
HttpResponse HtmlAnswer(int status, std::string body);

std::string EscapeHtml(const std::string& text);

}  // namespace connector::edge
