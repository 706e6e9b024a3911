#pragma once

// Text of the file to typed values and back. Pure, except that kFile looks whether the file is
// there.

#include <optional>
#include <string>
#include <string_view>

#include "config/fields.h"

namespace connector::config {

// Puts the value that `text` means into `slot`. Returns what is wrong with it, "" if nothing, as
// the end of a sentence that begins with the value: `is not a whole number; allowed: 1 to 10`.
std::string SetValue(const Field& field, std::string_view text, Slot slot);

// "500ms", "30s", "30m", "1h30m", "24h", "7d", "2w".
std::optional<Duration> ParseDuration(std::string_view text);
std::string FormatDuration(Duration duration);

std::optional<int64_t> ParseInteger(std::string_view text);
std::string FormatNumber(double number);

std::optional<mapping::ConflictPolicy> ParsePolicy(std::string_view text);
std::string_view PolicyName(mapping::ConflictPolicy policy);
std::string_view DirectionName(mapping::Direction direction);

// The text with user and password of a URL as ***.
std::string MaskUrl(const std::string& url);

// `; did you mean "x"?` for the word among `candidates` nearest to `word`, or "".
std::string Suggestion(std::string_view word, const std::vector<std::string_view>& candidates);

// "a, b, c".
std::string Join(const std::vector<std::string_view>& words);

}  // namespace connector::config
