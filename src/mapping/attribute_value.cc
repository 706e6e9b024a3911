#include "mapping/attribute_value.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mapping/attribute.h"
#include "mapping/text.h"
#include "model/contact_state.h"

namespace connector::mapping {
namespace {

using Labels = std::vector<std::string>;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool SameDigits(std::string_view a, std::string_view b) {
  size_t i = 0;
  size_t j = 0;
  for (size_t digits = 0;; ++digits) {
    while (i < a.size() && !IsDigit(a[i])) ++i;
    while (j < b.size() && !IsDigit(b[j])) ++j;
    if (i == a.size() || j == b.size()) return digits > 0 && i == a.size() && j == b.size();
    if (a[i++] != b[j++]) return false;
  }
}

Value TextOrEmpty(std::string_view text) {
  if (text.empty()) return {};
  return std::string(text);
}

Value NormalizeCategory(const BrevoAttribute& attribute, const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  const std::string_view trimmed = text ? TrimInvisible(*text) : std::string_view();
  if (text) {
    if (const auto* option = FindOption(attribute, trimmed)) return TextOrEmpty(option->label);
  }
  std::optional<double> number;
  if (const auto* direct = std::get_if<double>(&value)) number = *direct;
  if (text) number = ParseNumber(trimmed);
  if (number) {
    for (const BrevoAttribute::Option& option : attribute.options) {
      if (static_cast<double>(option.value) == *number) return TextOrEmpty(option.label);
    }
  }
  return TextOrEmpty(text ? trimmed : std::string_view(ToText(value)));
}

Value NormalizeLabels(Value value) {
  Labels labels;
  if (auto* list = std::get_if<Labels>(&value)) {
    labels = std::move(*list);
  } else if (!IsEmpty(value)) {
    labels.push_back(ToText(value));
  }
  std::erase_if(labels, [](const std::string& label) { return label.empty(); });
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  if (labels.empty()) return {};
  return labels;
}

Value NormalizeText(const BrevoAttribute& attribute, const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  std::string converted;
  if (!text) converted = ToText(value);
  const std::string_view trimmed = TrimInvisible(text ? *text : converted);
  if (IsPhoneAttribute(attribute)) {
    if (std::string digits = PhoneDigits(trimmed); !digits.empty()) return digits;
  }
  return TextOrEmpty(trimmed);
}

Value NormalizeNumber(Value value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (const auto number = ParseNumber(*text)) return *number;
    return TextOrEmpty(TrimInvisible(*text));
  }
  return value;
}

Value NormalizeDate(Value value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    const std::string_view day = DayOf(*text);
    return TextOrEmpty(day.empty() ? TrimInvisible(*text) : day);
  }
  return value;
}

Value NormalizeBoolean(Value value) {
  if (const auto* number = std::get_if<double>(&value)) return *number != 0;
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (const auto yes = ParseYesNo(*text)) return *yes;
    return TextOrEmpty(TrimInvisible(*text));
  }
  return value;
}

bool SameText(const BrevoAttribute& attribute, std::string_view a, std::string_view b) {
  a = TrimInvisible(a);
  b = TrimInvisible(b);
  return a == b || (IsPhoneAttribute(attribute) && SameDigits(a, b));
}

bool SameLabels(const Labels& a, const Labels& b) {
  return a == b || NormalizeLabels(a) == NormalizeLabels(b);
}

}  // namespace

Value NormalizeSeen(const BrevoAttribute& attribute, Value value) {
  if (IsEmpty(value)) return {};
  if (IsPhoneAttribute(attribute)) return NormalizeText(attribute, value);
  switch (attribute.type) {
    case AttributeType::kNumber:
      return NormalizeNumber(std::move(value));
    case AttributeType::kDate:
      return NormalizeDate(std::move(value));
    case AttributeType::kBoolean:
      return NormalizeBoolean(std::move(value));
    case AttributeType::kCategory:
      return NormalizeCategory(attribute, value);
    case AttributeType::kMultipleChoice:
      return NormalizeLabels(std::move(value));
    case AttributeType::kText:
      return NormalizeText(attribute, value);
    case AttributeType::kOther:
      break;
  }
  return value;
}

bool SameValue(const BrevoAttribute& attribute, const Value& a, const Value& b) {
  if (a.index() != b.index()) {
    // Empty has several forms; a number may have come as text.
    const Value left = NormalizeSeen(attribute, a);
    const Value right = NormalizeSeen(attribute, b);
    if (left.index() != right.index()) return IsEmpty(left) && IsEmpty(right);
    return left == right;
  }
  if (const auto* text = std::get_if<std::string>(&a)) {
    return SameText(attribute, *text, std::get<std::string>(b));
  }
  if (const auto* labels = std::get_if<Labels>(&a)) {
    return SameLabels(*labels, std::get<Labels>(b));
  }
  return a == b;
}

}  // namespace connector::mapping
