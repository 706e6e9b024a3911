// Text in and out: JSON strings, the time formats of both APIs, URLs, e-mail and phone rules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sandbox {

void AppendJsonString(std::string& out, std::string_view value);

std::string FormatRfc3339(int64_t seconds);   // 2021-01-01T00:00:00Z (API v2)
std::string FormatSqlTime(int64_t seconds);   // 2021-01-01 00:00:00 (API v1, UTC)
std::string FormatIsoMillis(int64_t millis);  // 2017-05-01T17:05:03.000Z (Brevo, leads)
std::string FormatDate(int64_t seconds);      // 2021-01-01
std::string FormatHttpDate(int64_t seconds);  // Tue, 24 Nov 2026 08:00:00 GMT

// YYYY-MM-DDTHH:MM:SS then Z or an offset. Fractions only where allowed. Result in milliseconds.
std::optional<int64_t> ParseRfc3339Millis(std::string_view text, bool allow_fraction);
bool IsCalendarDate(std::string_view text);  // YYYY-MM-DD that exists

std::string Lower(std::string_view text);  // ASCII only
bool Contains(std::string_view haystack, std::string_view needle);
std::optional<int64_t> ParseInteger(std::string_view text);

std::string PercentDecode(std::string_view text, bool plus_is_space);
std::string Base64Encode(std::string_view bytes);
std::optional<std::string> Base64Decode(std::string_view text);
std::string HexDigest(std::string_view text);  // 16 hex digits, FNV-1a; not for security

// What Brevo takes for an e-mail address.
bool IsValidEmail(std::string_view email);
// Digits without '+' if Brevo takes the phone number (country code needed, plausible length for
// it; facts/brevo.md 1.10), else nothing.
std::optional<std::string> NormalizePhone(std::string_view phone);

}  // namespace sandbox
