#include "mapping/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include "base/strings.h"
#include "base/time_format.h"

namespace connector::mapping {
namespace {

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

constexpr std::string_view kNoBreakSpace = "\xC2\xA0";
constexpr std::array<std::string_view, 3> kInvisible = {kNoBreakSpace, "\xE2\x80\x8B",
                                                        "\xEF\xBB\xBF"};

size_t LeadingInvisible(std::string_view text) {
  if (IsSpace(text.front())) return 1;
  for (const std::string_view mark : kInvisible) {
    if (text.starts_with(mark)) return mark.size();
  }
  return 0;
}

size_t TrailingInvisible(std::string_view text) {
  if (IsSpace(text.back())) return 1;
  for (const std::string_view mark : kInvisible) {
    if (text.ends_with(mark)) return mark.size();
  }
  return 0;
}

bool IsDay(std::string_view text) {
  for (const size_t i : {0, 1, 2, 3, 5, 6, 8, 9}) {
    if (!IsDigit(text[i])) return false;
  }
  if (text[4] != '-' || text[7] != '-') return false;
  const auto number = [&](size_t from, size_t length) {
    int value = 0;
    for (const char c : text.substr(from, length)) value = value * 10 + (c - '0');
    return value;
  };
  return std::chrono::year_month_day(std::chrono::year(number(0, 4)),
                                     std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                     std::chrono::day(static_cast<unsigned>(number(8, 2))))
      .ok();
}

}  // namespace

std::string_view TrimInvisible(std::string_view text) {
  while (!text.empty()) {
    const size_t length = LeadingInvisible(text);
    if (length == 0) break;
    text.remove_prefix(length);
  }
  while (!text.empty()) {
    const size_t length = TrailingInvisible(text);
    if (length == 0) break;
    text.remove_suffix(length);
  }
  return text;
}

std::string CollapseSpace(std::string_view text) {
  text = TrimInvisible(text);
  std::string out;
  out.reserve(text.size());
  bool after_space = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool no_break = text.substr(i).starts_with(kNoBreakSpace);
    if (no_break) ++i;
    const bool space = no_break || IsSpace(text[i]);
    if (!space) {
      out += text[i];
    } else if (!after_space) {
      out += ' ';
    }
    after_space = space;
  }
  return out;
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

std::optional<double> ParseNumber(std::string_view text) {
  text = TrimInvisible(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || !(IsDigit(text.back()) || text.back() == '.')) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

std::optional<bool> ParseYesNo(std::string_view text) {
  text = TrimInvisible(text);
  for (const std::string_view word : {"yes", "true", "1", "y", "on"}) {
    if (EqualsIgnoringCase(text, word)) return true;
  }
  for (const std::string_view word : {"no", "false", "0", "n", "off"}) {
    if (EqualsIgnoringCase(text, word)) return false;
  }
  return std::nullopt;
}

std::string_view DayOf(std::string_view text) {
  text = TrimInvisible(text);
  if (text.size() < 10 || !IsDay(text)) return {};
  if (text.size() > 10 && !ParseTime(text)) return {};
  return text.substr(0, 10);
}

std::string FormatAmount(double amount) {
  std::array<char, 400>
      buffer;  // the longest double in fixed notation has 309 digits before the point
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), amount, std::chars_format::fixed);
  std::string out(buffer.data(), error == std::errc() ? end : buffer.data());
  const size_t point = out.find('.');
  if (point == std::string::npos) return out + ".00";
  if (out.size() - point < 3) out += '0';
  return out;
}

std::string ShapeOf(std::string_view text) {
  constexpr size_t kLongest = 40;
  std::string out;
  for (const char c : text) {
    if (out.size() == kLongest) return out + "...";
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 && byte < 0xC0) continue;  // the rest of a UTF-8 character
    if (IsDigit(c)) {
      out += '9';
    } else if ((Lower(c) >= 'a' && Lower(c) <= 'z') || byte >= 0xC0) {
      out += 'a';
    } else {
      out += byte < 0x20 || byte == 0x7F ? ' ' : c;
    }
  }
  return out;
}

}  // namespace connector::mapping
