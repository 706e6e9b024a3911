#include "config/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "config/addresses.h"

namespace connector::config {
namespace {

using mapping::ConflictPolicy;

struct Unit {
  std::string_view name;
  int64_t microseconds;
};

// From the longest to the shortest.
constexpr std::array<Unit, 6> kUnits = {{{"w", 7 * 86'400'000'000},
                                         {"d", 86'400'000'000},
                                         {"h", 3'600'000'000},
                                         {"m", 60'000'000},
                                         {"s", 1'000'000},
                                         {"ms", 1'000}}};

constexpr std::array<std::pair<std::string_view, ConflictPolicy>, 3> kPolicies = {
    {{"pipedrive_wins", ConflictPolicy::kPipedriveWins},
     {"brevo_wins", ConflictPolicy::kBrevoWins},
     {"latest_wins", ConflictPolicy::kLatestWins}}};

std::optional<bool> ParseSwitch(std::string_view text) {
  const std::string lower = AsciiLower(text);
  for (std::string_view word : {"true", "yes", "on"}) {
    if (lower == word) return true;
  }
  for (std::string_view word : {"false", "no", "off"}) {
    if (lower == word) return false;
  }
  return std::nullopt;
}

std::optional<double> ParseNumber(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

std::string NotAllowed(const Field& field, std::string_view what) {
  return absl::StrCat(ToAbsl(what), "; allowed: ", AllowedText(field));
}

std::string SetInteger(const Field& field, std::string_view text, Slot slot) {
  const std::optional<int64_t> number = ParseInteger(text);
  if (!number) return NotAllowed(field, "is not a whole number");
  if (static_cast<double>(*number) < field.min || static_cast<double>(*number) > field.max) {
    return NotAllowed(field, "is out of range");
  }
  if (int** narrow = std::get_if<int*>(&slot)) {
    **narrow = static_cast<int>(*number);
  } else {
    *std::get<int64_t*>(slot) = *number;
  }
  return "";
}

std::string SetNumber(const Field& field, std::string_view text, double* slot) {
  const std::optional<double> number = ParseNumber(text);
  if (!number) return NotAllowed(field, "is not a number");
  if (*number < field.min || *number > field.max) return NotAllowed(field, "is out of range");
  *slot = *number;
  return "";
}

std::string SetDuration(const Field& field, std::string_view text, Duration* slot) {
  if (field.kind == Kind::kAutoInterval && AsciiLower(text) == "auto") {
    *slot = kAutomatic;
    return "";
  }
  if (field.kind != Kind::kDuration && (AsciiLower(text) == "off" || text == "0")) {
    *slot = Duration::zero();
    return "";
  }
  const std::optional<Duration> duration = ParseDuration(text);
  if (!duration) {
    return NotAllowed(field, ParseNumber(text) ? "has no unit (ms, s, m, h, d, w)"
                                               : "is not a duration such as 30s, 15m, 24h or 7d");
  }
  const double seconds = std::chrono::duration<double>(*duration).count();
  if (seconds < field.min || seconds > field.max) return NotAllowed(field, "is out of range");
  *slot = *duration;
  return "";
}

std::string SetChoice(const Field& field, std::string_view text, Slot slot) {
  const std::string lower = AsciiLower(text);
  if (std::find(field.choices.begin(), field.choices.end(), lower) == field.choices.end()) {
    return NotAllowed(field, "is not known") + Suggestion(lower, field.choices);
  }
  if (ConflictPolicy** policy = std::get_if<ConflictPolicy*>(&slot)) {
    **policy = ParsePolicy(lower).value_or(ConflictPolicy::kPipedriveWins);
  } else {
    *std::get<std::string*>(slot) = lower;
  }
  return "";
}

// What is wrong with a text of this kind; a kind without rules takes any.
std::string CheckText(const Field& field, const std::string& text) {
  switch (field.kind) {
    case Kind::kOrigin:
      return CheckOrigin(text);
    case Kind::kUrl:
      return CheckUrl(text);
    case Kind::kProxyUrl:
      return CheckProxy(text);
    case Kind::kListen:
      return CheckListen(text);
    case Kind::kStoreUrl:
      return CheckStoreUrl(text);
    case Kind::kDomain:
      return CheckCompanyDomain(text);
    case Kind::kRegion:
      return CheckRegion(text);
    case Kind::kEventName:
      return CheckEventName(text);
    case Kind::kNetworks:
      return CheckNetworks(text);
    case Kind::kFile:
      return std::ifstream(text).good() ? "" : "can't be opened for reading";
    default:
      return "";
  }
}

std::string SetText(const Field& field, std::string_view text, std::string* slot) {
  std::string value(text);
  if (field.kind == Kind::kRegion) {
    std::transform(value.begin(), value.end(), value.begin(),
                   [](unsigned char c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; });
  }
  if (field.kind == Kind::kOrigin && value.ends_with('/')) value.pop_back();
  if (field.kind == Kind::kDomain) value = AsciiLower(value);
  if (std::string complaint = CheckText(field, value); !complaint.empty()) return complaint;
  *slot = std::move(value);
  return "";
}

}  // namespace

std::string SetValue(const Field& field, std::string_view text, Slot slot) {
  // An empty text is how templates write "not set"; only texts have such a state.
  if (text.empty() && std::holds_alternative<std::string*>(slot)) return "";
  switch (field.kind) {
    case Kind::kSwitch: {
      const std::optional<bool> on = ParseSwitch(text);
      if (!on) return NotAllowed(field, "is not a switch");
      *std::get<bool*>(slot) = *on;
      return "";
    }
    case Kind::kInteger:
      return SetInteger(field, text, slot);
    case Kind::kNumber:
      return SetNumber(field, text, std::get<double*>(slot));
    case Kind::kDuration:
    case Kind::kInterval:
    case Kind::kAutoInterval:
      return SetDuration(field, text, std::get<Duration*>(slot));
    case Kind::kChoice:
      return SetChoice(field, text, slot);
    case Kind::kSecret:
      *std::get<Secret*>(slot) = Secret(std::string(text));
      return "";
    default:
      return SetText(field, text, std::get<std::string*>(slot));
  }
}

std::optional<int64_t> ParseInteger(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string FormatNumber(double number) {
  if (number == std::floor(number) && std::abs(number) < 1e15) {
    return std::to_string(static_cast<int64_t>(number));
  }
  return absl::StrCat(number);
}

std::optional<Duration> ParseDuration(std::string_view text) {
  constexpr int64_t kMost = int64_t{3650} * 86'400'000'000;  // ten years: no sum can overflow
  int64_t total = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || count < 0) return std::nullopt;
    text.remove_prefix(end - text.data());
    const size_t unit_length = std::min(text.find_first_of("0123456789"), text.size());
    const std::string_view name = text.substr(0, unit_length);
    const auto* const unit = std::find_if(kUnits.begin(), kUnits.end(),
                                          [name](const Unit& u) { return u.name == name; });
    if (unit == kUnits.end() || count > kMost / unit->microseconds) return std::nullopt;
    total += count * unit->microseconds;
    if (total > kMost) return std::nullopt;
    text.remove_prefix(unit_length);
  }
  return Duration(total);
}

std::string FormatDuration(Duration duration) {
  int64_t rest = duration.count();
  std::string text;
  for (const Unit& unit : kUnits) {
    if (unit.name == "w") continue;
    if (rest >= unit.microseconds)
      absl::StrAppend(&text, rest / unit.microseconds, ToAbsl(unit.name));
    rest %= unit.microseconds;
  }
  return text.empty() ? "0" : text;
}

std::optional<ConflictPolicy> ParsePolicy(std::string_view text) {
  for (const auto& [name, policy] : kPolicies) {
    if (name == text) return policy;
  }
  return std::nullopt;
}

std::string_view PolicyName(ConflictPolicy policy) {
  for (const auto& [name, value] : kPolicies) {
    if (value == policy) return name;
  }
  return "";
}

std::string_view DirectionName(mapping::Direction direction) {
  switch (direction) {
    case mapping::Direction::kToBrevo:
      return "to_brevo";
    case mapping::Direction::kToPipedrive:
      return "to_pipedrive";
    case mapping::Direction::kBoth:
      return "both";
  }
  return "";
}

std::string MaskUrl(const std::string& url) {
  const size_t scheme_end = url.find("://");
  if (scheme_end == std::string::npos) return url;
  const size_t host = scheme_end + 3;
  const size_t at = url.find_last_of('@', url.find_first_of("/?#", host));
  if (at == std::string::npos || at < host) return url;
  return absl::StrCat(url.substr(0, host), "***", url.substr(at));
}

std::string Suggestion(std::string_view word, const std::vector<std::string_view>& candidates) {
  const std::string_view nearest = NearestWord(word, candidates);
  return nearest.empty() ? "" : absl::StrCat("; did you mean \"", ToAbsl(nearest), "\"?");
}

std::string Join(const std::vector<std::string_view>& words) {
  std::string text;
  for (std::string_view word : words) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", ToAbsl(word));
  }
  return text;
}

}  // namespace connector::config
