#include "brevo/attribute_codec.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/status.h"
#include "base/strings.h"
#include "brevo/errors.h"
#include "http/json.h"

namespace connector::brevo {
namespace {

using http::JsonValue;

// Brevo has no integer and no date-time type; `id` and `user` are of no use here.
constexpr std::pair<std::string_view, AttributeType> kTypes[] = {
    {"text", AttributeType::kText},         {"float", AttributeType::kNumber},
    {"date", AttributeType::kDate},         {"boolean", AttributeType::kBoolean},
    {"category", AttributeType::kCategory}, {"multiple-choice", AttributeType::kMultipleChoice},
};

AttributeType TypeOf(std::string_view category, std::string_view type) {
  // Listed with type "text" or none at all.
  if (category == "category") return AttributeType::kCategory;
  const auto found = std::find_if(std::begin(kTypes), std::end(kTypes),
                                  [type](const auto& row) { return row.first == type; });
  return found == std::end(kTypes) ? AttributeType::kOther : found->second;
}

std::string TextOf(JsonValue object, std::string_view name) {
  return object[name].ScalarText().value_or("");
}

// Since 2026-05 `value` is 0 where it is no number and `valueStr` has the text.
int64_t OptionValue(JsonValue option) {
  const int64_t value = option["value"].Integer().value_or(0);
  return value != 0 ? value : option["valueStr"].Integer().value_or(0);
}

BrevoAttribute DecodeAttribute(JsonValue value) {
  BrevoAttribute attribute;
  attribute.name = TextOf(value, "name");
  attribute.category = TextOf(value, "category");
  attribute.type = TypeOf(attribute.category, TextOf(value, "type"));
  value["enumeration"].ForEach([&attribute](JsonValue option) {
    attribute.options.push_back({OptionValue(option), TextOf(option, "label")});
  });
  value["multiCategoryOptions"].ForEach([&attribute](JsonValue option) {
    if (auto label = option.ScalarText()) attribute.options.push_back({0, *std::move(label)});
  });
  return attribute;
}

void AppendOptions(std::string& out, const BrevoAttribute& attribute) {
  const bool category = attribute.type == AttributeType::kCategory;
  out += category ? ",\"enumeration\":[" : ",\"multiCategoryOptions\":[";
  bool first = true;
  for (const BrevoAttribute::Option& option : attribute.options) {
    if (!std::exchange(first, false)) out.push_back(',');
    if (category) absl::StrAppend(&out, "{\"value\":", option.value, ",\"label\":");
    AppendJsonString(out, option.label);
    if (category) out.push_back('}');
  }
  out.push_back(']');
}

}  // namespace

absl::StatusOr<std::vector<BrevoAttribute>> DecodeAttributes(std::string_view body) {
  http::JsonText json;
  if (!json.Parse(body)) return Unreadable("it is not whole, valid JSON");
  const JsonValue list = json.root()["attributes"];
  if (list.kind() != JsonValue::Kind::kArray) return Unreadable("it has no list `attributes`");
  std::vector<BrevoAttribute> attributes;
  list.ForEach([&attributes](JsonValue value) {
    BrevoAttribute attribute = DecodeAttribute(value);
    if (!attribute.name.empty()) attributes.push_back(std::move(attribute));
  });
  return attributes;
}

std::string_view AttributeCategory(const BrevoAttribute& attribute) {
  if (attribute.type == AttributeType::kCategory) return "category";
  return attribute.category.empty() ? "normal" : std::string_view(attribute.category);
}

absl::StatusOr<std::string> EncodeAttribute(const BrevoAttribute& attribute) {
  const auto found =
      std::find_if(std::begin(kTypes), std::end(kTypes),
                   [&attribute](const auto& row) { return row.second == attribute.type; });
  if (found == std::end(kTypes)) {
    return WithReaction(absl::InvalidArgumentError(absl::StrCat(
                            "attribute ", attribute.name, " has a type that cannot be created")),
                        Reaction::kFailRecord);
  }
  std::string out = absl::StrCat("{\"type\":\"", ToAbsl(found->first), "\"");
  const bool has_options = attribute.type == AttributeType::kCategory ||
                           attribute.type == AttributeType::kMultipleChoice;
  if (has_options) AppendOptions(out, attribute);
  out.push_back('}');
  return out;
}

}  // namespace connector::brevo
