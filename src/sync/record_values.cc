#include "sync/record_values.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "mapping/custom_field.h"
#include "mapping/text.h"
#include "model/currency.h"

namespace connector::sync {
namespace {

std::string LabelOf(int64_t id, const PipedriveField* field) {
  const std::string text = std::to_string(id);
  if (field != nullptr) {
    for (const FieldOption& option : field->options) {
      if (option.id == text) return option.label;
    }
  }
  return text;
}

struct ToPlain {
  const PipedriveField* field;

  Tree operator()(std::monostate) const { return {}; }
  Tree operator()(const std::string& text) const { return {text}; }
  Tree operator()(double number) const { return {number}; }
  Tree operator()(const OptionIds& options) const {
    const bool set = field != nullptr ? field->type == "set" : options.ids.size() > 1;
    if (!set && !options.ids.empty()) return {LabelOf(options.ids.front(), field)};
    Tree::List labels;
    for (const int64_t id : options.ids) labels.push_back({LabelOf(id, field)});
    return {std::move(labels)};
  }
  Tree operator()(const Monetary& money) const {
    return {Tree::Members{{"amount", {AmountText(money.amount, money.currency)}},
                          {"currency", {money.currency}}}};
  }
  Tree operator()(const ValueRange& range) const {
    return {Tree::Members{{"from", {range.from}}, {"until", {range.until}}}};
  }
  Tree operator()(const RecordRef& reference) const { return {static_cast<double>(reference.id)}; }
};

absl::Status Wanted(const PipedriveField& field, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("a field of type ", field.type, " takes ", ToAbsl(what)));
}

std::optional<double> NumberOf(const Tree* tree) {
  if (tree == nullptr) return std::nullopt;
  if (const auto* number = std::get_if<double>(&tree->value)) return *number;
  double parsed = 0;
  const auto* text = std::get_if<std::string>(&tree->value);
  if (text != nullptr && absl::SimpleAtod(*text, &parsed)) return parsed;
  return std::nullopt;
}

std::string TextOf(const Tree* tree) {
  const auto* text = tree == nullptr ? nullptr : std::get_if<std::string>(&tree->value);
  return text == nullptr ? "" : *text;
}

absl::StatusOr<int64_t> OptionOf(const Tree& plain, const PipedriveField& field) {
  const std::string label = TextOf(&plain);
  const FieldOption* found = nullptr;
  for (const FieldOption& option : field.options) {
    if (option.label == label) found = &option;
  }
  for (const FieldOption& option : field.options) {
    if (found == nullptr && mapping::EqualsIgnoringCase(option.label, label)) found = &option;
  }
  int64_t id = 0;
  if (found != nullptr && absl::SimpleAtoi(found->id, &id)) return id;
  const auto append = [](std::string* out, const FieldOption& option) { *out += option.label; };
  return absl::InvalidArgumentError(absl::StrCat("no option is called \"", label, "\"; there are ",
                                                 absl::StrJoin(field.options, ", ", append)));
}

absl::StatusOr<CustomValue> OptionsOf(const Tree& plain, const PipedriveField& field) {
  OptionIds options;
  if (const auto* list = std::get_if<Tree::List>(&plain.value)) {
    for (const Tree& entry : *list) {
      CONNECTOR_ASSIGN_OR_RETURN(const int64_t id, OptionOf(entry, field));
      options.ids.push_back(id);
    }
  } else {
    CONNECTOR_ASSIGN_OR_RETURN(const int64_t id, OptionOf(plain, field));
    options.ids.push_back(id);
  }
  if (field.type == "enum" && options.ids.size() > 1) return Wanted(field, "one label");
  if (options.ids.empty()) return CustomValue{};
  return CustomValue{std::move(options)};
}

absl::StatusOr<CustomValue> ObjectOf(const Tree& plain, const PipedriveField& field) {
  const auto* members = std::get_if<Tree::Members>(&plain.value);
  if (field.type == "monetary") {
    const auto amount =
        members == nullptr ? std::nullopt : NumberOf(FindMember(*members, "amount"));
    const std::string currency = members == nullptr ? "" : TextOf(FindMember(*members, "currency"));
    if (!amount || currency.empty()) {
      return Wanted(field, "{\"amount\": \"12.50\", \"currency\": \"EUR\"}");
    }
    return CustomValue{Monetary{*amount, currency}};
  }
  const std::string from = members == nullptr ? "" : TextOf(FindMember(*members, "from"));
  const std::string until = members == nullptr ? "" : TextOf(FindMember(*members, "until"));
  if (from.empty() || until.empty()) return Wanted(field, "{\"from\": ..., \"until\": ...}");
  return CustomValue{ValueRange{from, until}};
}

bool IsReference(std::string_view type) {
  return type == "user" || type == "org" || type == "people";
}

absl::StatusOr<std::pair<std::string, CustomValue>> CustomFieldOf(
    RecordKind kind, const std::string& name, const Tree& plain,
    const std::vector<PipedriveField>& fields) {
  // A lead's custom fields are those of deals.
  const RecordKind owner = kind == RecordKind::kLead ? RecordKind::kDeal : kind;
  const auto found = mapping::FindCustomFieldByName(fields, name, RecordKindName(owner));
  if (found.field == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("custom_fields.", name, ": ", found.problem));
  }
  absl::StatusOr<CustomValue> value = CustomValueOf(plain, *found.field);
  if (!value.ok()) return Annotate(value.status(), absl::StrCat("custom_fields.", name));
  return std::pair(found.field->key, *std::move(value));
}

}  // namespace

Tree PlainValue(const CustomValue& value, const PipedriveField* field) {
  return std::visit(ToPlain{field}, value);
}

absl::StatusOr<CustomValue> CustomValueOf(const Tree& plain, const PipedriveField& field) {
  if (std::holds_alternative<std::monostate>(plain.value)) return CustomValue{};
  const std::string_view type = field.type;
  if (type == "enum" || type == "set") return OptionsOf(plain, field);
  if (type == "monetary" || type == "daterange" || type == "timerange") {
    return ObjectOf(plain, field);
  }
  if (type == "double" || type == "int" || IsReference(type)) {
    const auto number = NumberOf(&plain);
    if (!number) return Wanted(field, IsReference(type) ? "an id" : "a number");
    if (IsReference(type)) return CustomValue{RecordRef{static_cast<int64_t>(*number)}};
    return CustomValue{*number};
  }
  if (type == "date" && !IsCalendarDate(TextOf(&plain))) return Wanted(field, "\"YYYY-MM-DD\"");
  if (!std::holds_alternative<std::string>(plain.value)) return Wanted(field, "a text");
  return CustomValue{TextOf(&plain)};
}

Tree::Members PlainRecord(Record record, const std::vector<PipedriveField>& fields) {
  Tree::Members custom;
  for (const auto& [key, value] : record.custom_fields) {
    const auto field = std::find_if(fields.begin(), fields.end(),
                                    [&](const PipedriveField& one) { return one.key == key; });
    custom.emplace_back(key, PlainValue(value, field == fields.end() ? nullptr : &*field));
  }
  Tree::Members plain = std::move(record.members);
  plain.emplace_back("custom_fields", Tree{std::move(custom)});
  return plain;
}

absl::StatusOr<Record> RecordOf(RecordKind kind, Tree::Members plain,
                                const std::vector<PipedriveField>& fields) {
  Record record;
  record.kind = kind;
  for (auto& [name, value] : plain) {
    const auto* custom = std::get_if<Tree::Members>(&value.value);
    if (name != "custom_fields" || custom == nullptr) {
      record.members.emplace_back(std::move(name), std::move(value));
      continue;
    }
    for (const auto& [field, own] : *custom) {
      CONNECTOR_ASSIGN_OR_RETURN(auto one, CustomFieldOf(kind, field, own, fields));
      record.custom_fields.push_back(std::move(one));
    }
  }
  std::sort(record.custom_fields.begin(), record.custom_fields.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return record;
}

}  // namespace connector::sync
