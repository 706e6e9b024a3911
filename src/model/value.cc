#include "model/value.h"

#include <array>
#include <charconv>
#include <cmath>

namespace connector {
namespace {

// Above this a double is no longer exact to the unit, and digits would promise what it does not
// know.
constexpr double kExactIntegers = 9007199254740992.0;  // 2^53

std::string NumberText(double number) {
  std::array<char, 40> buffer;
  const auto result = std::fabs(number) < kExactIntegers
                          ? std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                          std::chars_format::fixed)
                          : std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  // A tiny number needs more fixed digits than fit; its shortest form always does.
  if (result.ec == std::errc()) return std::string(buffer.data(), result.ptr);
  const auto shortest = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  return std::string(buffer.data(), shortest.ptr);
}

std::string LabelsText(const std::vector<std::string>& labels) {
  std::string out;
  for (const std::string& label : labels) {
    if (!out.empty()) out += ", ";
    out += label;
  }
  return out;
}

}  // namespace

std::string ToText(const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<double>(&value)) return NumberText(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* labels = std::get_if<std::vector<std::string>>(&value))
    return LabelsText(*labels);
  return "";
}

}  // namespace connector
