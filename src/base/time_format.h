#pragma once

// The forms of time the two APIs write and read; all are UTC.

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace connector {

// "2026-11-24T08:15:30Z": what Pipedrive API v2 takes; it refuses fractions of a second.
std::string FormatSeconds(Time time);

// "2026-11-24T08:15:30.123Z": what Brevo takes and what the logs show.
std::string FormatTimestamp(Time time);

// Reads RFC 3339 with or without fraction, with Z or an offset, and Pipedrive v1's
// "2026-11-24 08:15:30".
std::optional<Time> ParseTime(std::string_view text);

// Reads an HTTP Date header: "Tue, 24 Nov 2026 08:15:30 GMT".
std::optional<Time> ParseHttpDate(std::string_view text);

// True for an existing calendar day written "2026-11-24".
bool IsCalendarDate(std::string_view text);

}  // namespace connector
