#pragma once

// What both vendors' clients read from an answer beside its body.

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/secret.h"
#include "http/transport.h"

namespace connector::http {

// How long a header asks to wait: seconds (whole or not), or for Retry-After a date, which is held
// against the answer's own Date. At most a day; nullopt if the header is missing or unreadable.
std::optional<Duration> WaitOf(const Response& response, std::string_view header);

// The number in a header such as x-ratelimit-remaining.
std::optional<int64_t> NumberOf(const Response& response, std::string_view header);

// The vendor's clock, from the Date header.
std::optional<Time> ServerTime(const Response& response);

// A vendor's text fit for messages and logs: one line of at most 300 bytes, cut between characters.
std::string Excerpt(std::string_view text);

// The answer without `credential`, should the vendor have repeated it, so that what is quoted from
// the answer may be logged.
Response Redacted(const Response& response, const Secret& credential);

}  // namespace connector::http
