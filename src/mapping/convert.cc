#include "mapping/convert.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "mapping/attribute.h"
#include "mapping/text.h"

namespace connector::mapping {
namespace {

constexpr int64_t kLargestExactInteger = int64_t{1} << 53;  // that a double holds

template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <typename... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

void Lose(FailureReason reason, std::string_view detail, MappedValue& out) {
  out.loss = reason;
  if (!out.loss_detail.empty()) out.loss_detail += "; ";
  out.loss_detail += detail;
}

void LoseValue(std::string_view typed, std::string_view expected, MappedValue& out) {
  Lose(FailureReason::kInvalidValue,
       absl::StrCat("a value of the form \"", ShapeOf(typed), "\" is no ", ToAbsl(expected)), out);
}

void LoseLabel(const BrevoAttribute& attribute, std::string_view label, MappedValue& out) {
  Lose(FailureReason::kInvalidValue,
       absl::StrCat("\"", ToAbsl(label), "\" is no option of the attribute ", attribute.name,
                    "; add it ", ToAbsl(kAttributesPage)),
       out);
}

void ConvertDay(std::string_view text, MappedValue& out) {
  const std::string_view day = DayOf(text);
  if (day.empty()) {
    LoseValue(text, "date such as 2026-11-24", out);
  } else {
    out.value.emplace<std::string>(day);
  }
}

void ConvertToCategory(const BrevoAttribute& attribute, std::string_view label, MappedValue& out) {
  if (const auto* option = FindOption(attribute, label)) {
    out.value = option->label;
  } else {
    LoseLabel(attribute, label, out);
  }
}

void ConvertToMultipleChoice(const BrevoAttribute& attribute,
                             const std::vector<std::string_view>& labels, MappedValue& out) {
  std::vector<std::string> found;
  for (const std::string_view label : labels) {
    if (const auto* option = FindOption(attribute, label)) {
      found.push_back(option->label);
    } else {
      LoseLabel(attribute, label, out);
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  if (!found.empty()) out.value = std::move(found);
}

void ConvertMoney(const BrevoAttribute& attribute, const Monetary& money, MappedValue& out) {
  if (attribute.type == AttributeType::kNumber) return ConvertNumber(attribute, money.amount, out);
  std::string text = FormatAmount(money.amount);
  if (!money.currency.empty()) absl::StrAppend(&text, " ", money.currency);
  ConvertText(attribute, text, out);
}

void ConvertRange(const BrevoAttribute& attribute, const ValueRange& range, MappedValue& out) {
  if (attribute.type == AttributeType::kDate) return ConvertText(attribute, range.from, out);
  const bool whole = !range.from.empty() && !range.until.empty();
  ConvertText(attribute, absl::StrCat(range.from, whole ? " - " : "", range.until), out);
}

// "12,15"; nothing if any part is no number.
std::optional<OptionIds> ParseIds(std::string_view text) {
  OptionIds ids;
  while (true) {
    const size_t comma = text.find(',');
    const std::string_view part = Trim(text.substr(0, comma));
    int64_t id = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), id);
    if (error != std::errc() || end != part.data() + part.size()) return std::nullopt;
    ids.ids.push_back(id);
    if (comma == std::string_view::npos) return ids;
    text.remove_prefix(comma + 1);
  }
}

std::optional<OptionIds> AsOptionIds(const PipedriveField& field, const CustomValue& value) {
  if (const auto* ids = std::get_if<OptionIds>(&value)) return *ids;
  if (field.type != "enum" && field.type != "set") return std::nullopt;
  if (const auto* number = std::get_if<double>(&value)) {
    if (std::abs(*number) > static_cast<double>(kLargestExactInteger)) return std::nullopt;
    return OptionIds{{static_cast<int64_t>(*number)}};
  }
  if (const auto* text = std::get_if<std::string>(&value)) return ParseIds(*text);
  return std::nullopt;
}

const FieldOption* FindOptionById(const PipedriveField& field, int64_t id) {
  std::array<char, 24> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), id).ptr;
  const std::string_view text(buffer.data(), static_cast<size_t>(end - buffer.data()));
  for (const FieldOption& option : field.options) {
    if (option.id == text) return &option;
  }
  return nullptr;
}

}  // namespace

void ConvertLabels(const BrevoAttribute& attribute, std::vector<std::string_view> labels,
                   MappedValue& out) {
  if (attribute.type == AttributeType::kMultipleChoice) {
    return ConvertToMultipleChoice(attribute, labels, out);
  }
  if (labels.empty()) return;
  if (labels.size() == 1) return ConvertText(attribute, labels.front(), out);
  std::sort(labels.begin(), labels.end());
  const auto append = [](std::string* text, std::string_view label) { text->append(label); };
  ConvertText(attribute, absl::StrJoin(labels, ", ", append), out);
}

namespace {

void ConvertOptions(const PipedriveField& field, const BrevoAttribute& attribute,
                    const OptionIds& options, MappedValue& out) {
  std::vector<std::string_view> labels;
  labels.reserve(options.ids.size());
  for (const int64_t id : options.ids) {
    const FieldOption* const option = FindOptionById(field, id);
    const std::string_view label = option ? TrimInvisible(option->label) : std::string_view();
    if (!label.empty()) {
      labels.push_back(label);
    } else {
      Lose(FailureReason::kInvalidValue,
           absl::StrCat("option ", id, " of Pipedrive's field \"", field.name,
                        "\" doesn't exist any more; choose another one there"),
           out);
    }
  }
  ConvertLabels(attribute, std::move(labels), out);
}

}  // namespace

void ConvertText(const BrevoAttribute& attribute, std::string_view text, MappedValue& out) {
  text = TrimInvisible(text);
  if (text.empty()) return;
  switch (attribute.type) {
    case AttributeType::kNumber:
      if (const auto number = ParseNumber(text)) {
        out.value = *number;
      } else {
        LoseValue(text, "number such as 1234.5", out);
      }
      break;
    case AttributeType::kDate:
      ConvertDay(text, out);
      break;
    case AttributeType::kBoolean:
      if (const auto yes = ParseYesNo(text)) {
        out.value = *yes;
      } else {
        LoseValue(text, "yes or no", out);
      }
      break;
    case AttributeType::kCategory:
      ConvertToCategory(attribute, text, out);
      break;
    case AttributeType::kMultipleChoice:
      ConvertToMultipleChoice(attribute, {text}, out);
      break;
    case AttributeType::kText:
    case AttributeType::kOther:
      out.value.emplace<std::string>(text);
      break;
  }
}

void ConvertNumber(const BrevoAttribute& attribute, double number, MappedValue& out) {
  if (!std::isfinite(number)) return LoseValue("", "finite number", out);
  if (attribute.type == AttributeType::kNumber) {
    out.value = number;
  } else {
    ConvertText(attribute, ToText(Value(number)), out);
  }
}

void ConvertInteger(const BrevoAttribute& attribute, int64_t number, MappedValue& out) {
  if (attribute.type != AttributeType::kNumber) {
    ConvertText(attribute, std::to_string(number), out);
  } else if (number > kLargestExactInteger || number < -kLargestExactInteger) {
    LoseValue(std::to_string(number), "integer that Brevo can hold exactly", out);
  } else {
    out.value = static_cast<double>(number);
  }
}

void ConvertPhones(const BrevoAttribute& attribute, const std::vector<std::string_view>& numbers,
                   PhoneNormalizer& phones, MappedValue& out) {
  if (numbers.empty()) return;
  if (!IsPhoneAttribute(attribute)) return ConvertText(attribute, numbers.front(), out);
  for (const std::string_view number : numbers) {
    if (auto digits = phones.Normalize(number)) {
      out.value = *std::move(digits);
      return;
    }
  }
  Lose(FailureReason::kInvalidPhone,
       absl::StrCat("no valid phone number; the first one has the form \"",
                    ShapeOf(numbers.front()), "\" (digits as 9)"),
       out);
}

void ConvertCustom(const PipedriveField& field, const BrevoAttribute& attribute,
                   const CustomValue* value, PhoneNormalizer& phones, MappedValue& out) {
  if (!value) return;
  if (const auto options = AsOptionIds(field, *value)) {
    return ConvertOptions(field, attribute, *options, out);
  }
  const auto text = [&](const std::string& typed) {
    const std::string_view trimmed = TrimInvisible(typed);
    if (IsPhoneAttribute(attribute) && !trimmed.empty()) {
      ConvertPhones(attribute, {trimmed}, phones, out);
    } else {
      ConvertText(attribute, trimmed, out);
    }
  };
  const auto number = [&](double typed) {
    if (IsPhoneAttribute(attribute)) return text(ToText(Value(typed)));
    if (field.type == "monetary") return ConvertMoney(attribute, {typed, ""}, out);
    ConvertNumber(attribute, typed, out);
  };
  std::visit(Overloaded{
                 [](std::monostate) {},
                 text,
                 number,
                 [](const OptionIds&) {},  // handled above
                 [&](const Monetary& money) { ConvertMoney(attribute, money, out); },
                 [&](const ValueRange& range) { ConvertRange(attribute, range, out); },
                 [&](const RecordRef& ref) { ConvertInteger(attribute, ref.id, out); },
             },
             *value);
}

}  // namespace connector::mapping
