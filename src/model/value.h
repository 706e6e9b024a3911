#pragma once

#include <string>
#include <variant>
#include <vector>

namespace connector {

// What a Brevo attribute can hold and what a mapped Pipedrive field yields. monostate is "empty":
// null, missing and "" are one thing on the Brevo side. Dates are text "2026-11-24"; numbers are
// double (Brevo has no integer type); multiple-choice attributes are sorted lists of labels.
using Value = std::variant<std::monostate, bool, double, std::string, std::vector<std::string>>;

inline bool IsEmpty(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return text->empty();
  if (const auto* labels = std::get_if<std::vector<std::string>>(&value)) return labels->empty();
  return std::holds_alternative<std::monostate>(value);
}

// For people: plans, explanations, logs. 3 rather than 3.000000; labels joined by ", ".
std::string ToText(const Value& value);

}  // namespace connector
