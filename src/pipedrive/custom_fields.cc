#include "pipedrive/custom_fields.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "base/strings.h"

namespace connector::pipedrive {
namespace {

using http::JsonValue;

constexpr size_t kKeyLength = 40;

bool IsOptionType(std::string_view type) { return type == "enum" || type == "set"; }
bool IsReferenceType(std::string_view type) {
  return type == "user" || type == "org" || type == "people";
}
bool IsNumberType(std::string_view type) { return type == "double" || type == "int"; }

CustomValue FromOptions(OptionIds options) {
  if (options.ids.empty()) return {};
  return options;
}

// "123" or "123,456", as v1 writes options.
std::optional<OptionIds> ParseOptionText(std::string_view text) {
  OptionIds options;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    int64_t id = 0;
    if (!absl::SimpleAtoi(ToAbsl(Trim(text.substr(0, comma))), &id)) return std::nullopt;
    options.ids.push_back(id);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return options;
}

CustomValue FromText(std::string_view text, std::string_view type) {
  if (text.empty()) return {};
  if (IsOptionType(type)) {
    if (auto options = ParseOptionText(text)) return FromOptions(*std::move(options));
  }
  int64_t id = 0;
  if (IsReferenceType(type) && absl::SimpleAtoi(ToAbsl(text), &id)) return RecordRef{id};
  double number = 0;
  if (IsNumberType(type) && absl::SimpleAtod(ToAbsl(text), &number)) return number;
  return std::string(text);
}

CustomValue FromNumber(JsonValue value, std::string_view type) {
  const auto whole = value.Integer();
  if (whole && IsOptionType(type)) return OptionIds{{*whole}};
  if (whole && IsReferenceType(type)) return RecordRef{*whole};
  if (type.empty() || IsNumberType(type)) return *value.Number();
  if (type == "monetary") return Monetary{*value.Number(), ""};
  return *value.ScalarText();
}

CustomValue FromArray(JsonValue array, std::string_view type) {
  OptionIds options;
  array.ForEach([&options](JsonValue entry) {
    const auto id =
        entry.kind() == JsonValue::Kind::kObject ? entry["id"].Integer() : entry.Integer();
    if (id) options.ids.push_back(*id);
  });
  if (IsReferenceType(type) && !options.ids.empty()) return RecordRef{options.ids.front()};
  return FromOptions(std::move(options));
}

CustomValue FromMoney(JsonValue amount, JsonValue currency) {
  const auto number = amount.Number();
  if (!number) return {};
  return Monetary{*number, currency.ScalarText().value_or("")};
}

CustomValue FromRange(JsonValue from, JsonValue until) {
  ValueRange range{from.ScalarText().value_or(""), until.ScalarText().value_or("")};
  if (range.from.empty() && range.until.empty()) return {};
  return range;
}

CustomValue FromObject(JsonValue object, std::string_view type) {
  if (const auto own_type = object["type"].Text()) type = *own_type;
  if (object["values"].HasValue()) return FromArray(object["values"], type);
  if (object["currency"].kind() != JsonValue::Kind::kMissing) {
    return FromMoney(object["value"], object["currency"]);
  }
  const JsonValue from = object["from"];
  const bool range = type == "daterange" || type == "timerange" || object["until"].HasValue();
  if (range) return FromRange(from.HasValue() ? from : object["value"], object["until"]);
  const JsonValue value = object["value"];
  if (value.HasValue() && !value.IsContainer()) return DecodeCustomValue(value, type);
  const auto id = object["id"].Integer();
  if (!id) return {};
  if (IsReferenceType(type)) return RecordRef{*id};
  return OptionIds{{*id}};
}

void SortByKey(CustomFields& fields) {
  std::sort(fields.begin(), fields.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
}

void Keep(CustomFields& fields, std::string_view key, CustomValue value) {
  if (!std::holds_alternative<std::monostate>(value)) fields.emplace_back(key, std::move(value));
}

CustomValue FromFlat(JsonValue record, std::string_view key, JsonValue value,
                     std::string_view type) {
  const std::string name(key);
  const JsonValue currency = record[name + "_currency"];
  if (type == "monetary" || currency.kind() != JsonValue::Kind::kMissing) {
    return FromMoney(value, currency);
  }
  const JsonValue until = record[name + "_until"];
  if (type == "daterange" || type == "timerange" || until.HasValue()) {
    return FromRange(value, until);
  }
  return DecodeCustomValue(value, type);
}

}  // namespace

WantedFields::WantedFields(const Selection& selection) {
  for (const std::string& key : selection.custom_keys) {
    const auto type = selection.custom_types.find(key);
    types_by_key_.emplace_back(key, type == selection.custom_types.end() ? "" : type->second);
  }
  std::sort(types_by_key_.begin(), types_by_key_.end());
}

WantedFields WantedFields::All(const std::map<std::string, std::string>& types) {
  WantedFields fields;
  fields.all_ = true;
  fields.types_by_key_.assign(types.begin(), types.end());
  return fields;
}

std::optional<std::string_view> WantedFields::TypeOf(std::string_view key) const {
  const auto found =
      std::lower_bound(types_by_key_.begin(), types_by_key_.end(), key,
                       [](const auto& entry, std::string_view name) { return entry.first < name; });
  if (found != types_by_key_.end() && found->first == key) return found->second;
  return all_ ? std::optional<std::string_view>("") : std::nullopt;
}

bool IsCustomFieldKey(std::string_view text) {
  return text.size() == kKeyLength && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

CustomValue DecodeCustomValue(JsonValue value, std::string_view type) {
  switch (value.kind()) {
    case JsonValue::Kind::kMissing:
    case JsonValue::Kind::kNull:
      return {};
    case JsonValue::Kind::kText:
      return FromText(*value.Text(), type);
    case JsonValue::Kind::kNumber:
      return FromNumber(value, type);
    case JsonValue::Kind::kFlag:
      return *value.ScalarText();
    case JsonValue::Kind::kArray:
      return FromArray(value, type);
    case JsonValue::Kind::kObject:
      return FromObject(value, type);
  }
  return {};
}

CustomFields DecodeCustomFields(JsonValue object, const WantedFields& wanted) {
  CustomFields fields;
  object.ForEachMember([&](std::string_view key, JsonValue value) {
    if (const auto type = wanted.TypeOf(key)) Keep(fields, key, DecodeCustomValue(value, *type));
  });
  SortByKey(fields);
  return fields;
}

CustomFields DecodeFlatCustomFields(JsonValue record, const WantedFields& wanted) {
  CustomFields fields;
  record.ForEachMember([&](std::string_view key, JsonValue value) {
    if (key.size() != kKeyLength || !value.HasValue()) return;
    const auto type = wanted.TypeOf(key);
    if (type && IsCustomFieldKey(key)) Keep(fields, key, FromFlat(record, key, value, *type));
  });
  SortByKey(fields);
  return fields;
}

}  // namespace connector::pipedrive
