#pragma once

// Small rules about text that the files of this module share.

#include <optional>
#include <string>
#include <string_view>

namespace connector::mapping {

// Without the white space and the invisible characters (no-break space, zero-width space, byte
// order mark) that copying from a web page leaves at either end.
std::string_view TrimInvisible(std::string_view text);

// Trimmed, and each run of white space inside made one space.
std::string CollapseSpace(std::string_view text);

bool EqualsIgnoringCase(std::string_view a, std::string_view b);  // ASCII only

// A finite decimal number with a point and without thousands separators; nothing beside it.
std::optional<double> ParseNumber(std::string_view text);

std::optional<bool> ParseYesNo(std::string_view text);

// The day of "2026-11-24" or of a time that starts with it; empty if the text is neither.
std::string_view DayOf(std::string_view text);

// At least two decimals, more where the amount has them: "1234.50".
std::string FormatAmount(double amount);

// What a text looks like without telling what it says: digits as 9, letters as a, "99.99.9999".
std::string ShapeOf(std::string_view text);

}  // namespace connector::mapping
