#include "mapping/convert_back.h"

#include <cmath>
#include <cstdint>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "mapping/attribute.h"
#include "mapping/attribute_value.h"
#include "mapping/convert.h"
#include "mapping/text.h"

namespace connector::mapping {
namespace {

constexpr std::string_view kRangeSeparator = " - ";
constexpr double kLargestExactInteger = 9007199254740992.0;  // 2^53

CustomBack Written(CustomValue value) { return {std::move(value), std::nullopt, {}}; }

CustomBack Lost(const PipedriveField& field, std::string_view expected) {
  return {std::nullopt, FailureReason::kInvalidValue,
          absl::StrCat("Brevo's value is no ", ToAbsl(expected), ", which Pipedrive's field \"",
                       field.name, "\" asks for")};
}

std::optional<double> NumberOf(const Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
  if (const auto* text = std::get_if<std::string>(&value)) return ParseNumber(*text);
  return std::nullopt;
}

std::optional<int64_t> IdOf(const FieldOption& option) {
  int64_t id = 0;
  if (!absl::SimpleAtoi(option.id, &id)) return std::nullopt;
  return id;
}

// The option that the attribute shows as this value: by what ConvertCustom makes of each, so that
// flags, numbers and labels that differ in case lead back, too.
std::optional<int64_t> OptionShownAs(const PipedriveField& field, const BrevoAttribute& attribute,
                                     const Value& value, PhoneNormalizer& phones) {
  for (const FieldOption& option : field.options) {
    const std::optional<int64_t> id = IdOf(option);
    if (!id) continue;
    MappedValue shown;
    const CustomValue one = OptionIds{{*id}};
    ConvertCustom(field, attribute, &one, phones, shown);
    if (!shown.loss && !IsEmpty(shown.value) && SameValue(attribute, shown.value, value)) return id;
  }
  const std::string label = ToText(value);
  for (const FieldOption& option : field.options) {
    if (EqualsIgnoringCase(TrimInvisible(option.label), TrimInvisible(label))) return IdOf(option);
  }
  return std::nullopt;
}

std::string NoOption(const PipedriveField& field, std::string_view label) {
  return absl::StrCat("\"", ToAbsl(label), "\" is no option of Pipedrive's field \"", field.name,
                      "\"; add it there under Company settings > Data fields");
}

// The labels of a set: a list as it is, a text at its commas.
std::vector<std::string> LabelsOf(const Value& value) {
  if (const auto* labels = std::get_if<std::vector<std::string>>(&value)) return *labels;
  std::vector<std::string> labels;
  const std::string text = ToText(value);
  std::string_view rest = text;
  while (true) {
    const size_t comma = rest.find(',');
    const std::string_view part = TrimInvisible(rest.substr(0, comma));
    if (!part.empty()) labels.emplace_back(part);
    if (comma == std::string_view::npos) return labels;
    rest.remove_prefix(comma + 1);
  }
}

CustomBack ToOptions(const PipedriveField& field, const BrevoAttribute& attribute,
                     const Value& value, PhoneNormalizer& phones) {
  // As a whole first: a label may have commas of its own.
  if (const auto whole = OptionShownAs(field, attribute, value, phones)) {
    return Written(OptionIds{{*whole}});
  }
  if (field.type == "enum") {
    return {std::nullopt, FailureReason::kFieldMissing, NoOption(field, ToText(value))};
  }
  CustomBack back;
  OptionIds found;
  for (const std::string& label : LabelsOf(value)) {
    if (const auto id = OptionShownAs(field, attribute, Value{label}, phones)) {
      found.ids.push_back(*id);
      continue;
    }
    back.loss = FailureReason::kFieldMissing;
    absl::StrAppend(&back.detail, back.detail.empty() ? "" : "; ", NoOption(field, label));
  }
  if (!found.ids.empty()) back.value = std::move(found);
  return back;
}

CustomBack ToNumber(const PipedriveField& field, const Value& value) {
  const std::optional<double> number = NumberOf(value);
  if (!number || !std::isfinite(*number)) return Lost(field, "number");
  if (field.type == "int" && std::floor(*number) != *number) return Lost(field, "whole number");
  return Written(*number);
}

// "1234.50 EUR" or a bare amount, which keeps the currency that is there.
CustomBack ToMoney(const PipedriveField& field, const Value& value, const CustomValue* current,
                   std::string_view default_currency) {
  Monetary money;
  if (const auto* now = current ? std::get_if<Monetary>(current) : nullptr) {
    money.currency = now->currency;
  }
  if (money.currency.empty()) money.currency = default_currency;
  std::optional<double> amount = NumberOf(value);
  if (const auto* text = std::get_if<std::string>(&value); text && !amount) {
    const std::string_view trimmed = TrimInvisible(*text);
    const size_t space = trimmed.rfind(' ');
    if (space != std::string_view::npos && trimmed.size() - space == 4) {
      amount = ParseNumber(trimmed.substr(0, space));
      money.currency = trimmed.substr(space + 1);
    }
  }
  if (!amount) return Lost(field, "amount such as 1234.50");
  money.amount = *amount;
  return Written(std::move(money));
}

CustomBack ToDay(const PipedriveField& field, const Value& value) {
  const std::string text = ToText(value);
  const std::string_view day = DayOf(text);
  if (day.empty()) return Lost(field, "date such as 2026-11-24");
  return Written(std::string(day));
}

// A date attribute tells the begin alone: the end stays unless it would come before it.
CustomBack ToRange(const PipedriveField& field, const Value& value, const CustomValue* current) {
  const std::string text = ToText(value);
  ValueRange range;
  const size_t separator = text.find(kRangeSeparator);
  range.from = TrimInvisible(std::string_view(text).substr(0, separator));
  if (separator != std::string::npos) {
    range.until = TrimInvisible(std::string_view(text).substr(separator + kRangeSeparator.size()));
  } else if (const auto* now = current ? std::get_if<ValueRange>(current) : nullptr) {
    range.until = now->until;
  }
  if (field.type == "daterange") {
    range.from = DayOf(range.from);
    if (range.from.empty()) return Lost(field, "range of dates");
  }
  if (range.until < range.from) range.until = range.from;
  return Written(std::move(range));
}

CustomBack ToReference(const PipedriveField& field, const Value& value) {
  const std::optional<double> number = NumberOf(value);
  if (!number || *number < 1 || *number > kLargestExactInteger || std::floor(*number) != *number) {
    return Lost(field, "id of a record");
  }
  return Written(RecordRef{static_cast<int64_t>(*number)});
}

CustomBack ToPlainText(const BrevoAttribute& attribute, const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value))
    return Written(std::string(*flag ? "yes" : "no"));
  std::string text = ToText(value);
  // Brevo answers phones as digits with their country code.
  if (IsPhoneAttribute(attribute)) text.insert(0, "+");
  return Written(std::move(text));
}

}  // namespace

CustomBack ConvertBack(const PipedriveField& field, const BrevoAttribute& attribute,
                       const Value& value, const CustomValue* current, PhoneNormalizer& phones,
                       std::string_view default_currency) {
  if (IsEmpty(value)) return Written(std::monostate{});
  const std::string_view type = field.type;
  if (type == "enum" || type == "set") return ToOptions(field, attribute, value, phones);
  if (type == "double" || type == "int") return ToNumber(field, value);
  if (type == "monetary") return ToMoney(field, value, current, default_currency);
  if (type == "date") return ToDay(field, value);
  if (type == "daterange" || type == "timerange") return ToRange(field, value, current);
  if (type == "user" || type == "org" || type == "people") return ToReference(field, value);
  return ToPlainText(attribute, value);
}

}  // namespace connector::mapping
