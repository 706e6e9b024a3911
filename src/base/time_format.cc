#include "base/time_format.h"

#include "absl/time/time.h"
#include "base/strings.h"

namespace connector {
namespace {

absl::Time ToAbslTime(Time time) { return absl::FromUnixMicros(time.time_since_epoch().count()); }

Time FromAbslTime(absl::Time time) { return Time(Duration(absl::ToUnixMicros(time))); }

std::optional<Time> ParseWith(const char* format, std::string_view text) {
  absl::Time time;
  if (!absl::ParseTime(format, ToAbsl(text), absl::UTCTimeZone(), &time, nullptr)) {
    return std::nullopt;
  }
  return FromAbslTime(time);
}

}  // namespace

std::string FormatSeconds(Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", ToAbslTime(time), absl::UTCTimeZone());
}

std::string FormatTimestamp(Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", ToAbslTime(time), absl::UTCTimeZone());
}

std::optional<Time> ParseTime(std::string_view text) {
  if (auto time = ParseWith("%Y-%m-%dT%H:%M:%E*S%Ez", text)) return time;
  return ParseWith("%Y-%m-%d %H:%M:%E*S", text);
}

std::optional<Time> ParseHttpDate(std::string_view text) {
  return ParseWith("%a, %d %b %Y %H:%M:%S GMT", text);
}

bool IsCalendarDate(std::string_view text) {
  return text.size() == 10 && ParseWith("%Y-%m-%d", text).has_value();
}

}  // namespace connector
