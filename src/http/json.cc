#include "http/json.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/strings.h"

namespace connector::http {
namespace {

namespace dom = simdjson::dom;
namespace ondemand = simdjson::ondemand;

constexpr size_t kLargestMember = size_t{64} << 10;

// `text` lies inside a padded buffer, so nothing is copied.
JsonValue ParseInPlace(dom::parser& parser, std::string_view text) {
  dom::element element;
  const bool ok = parser.parse(text.data(), text.size(), false).get(element) == simdjson::SUCCESS;
  return ok ? JsonValue(element) : JsonValue();
}

class ListWalk {
 public:
  ListWalk(const std::function<void(JsonValue, std::string_view)>& on_record,
           const std::function<void(std::string_view, JsonValue)>& on_member)
      : on_record_(on_record), on_member_(on_member) {}

  // False if the text breaks off.
  bool Records(ondemand::array array) {
    for (auto record : array) {
      ondemand::value value;
      std::string_view text;
      if (record.get(value) != simdjson::SUCCESS ||
          simdjson::to_json_string(value).get(text) != simdjson::SUCCESS) {
        return false;
      }
      on_record_(ParseInPlace(parser_, text), text);
    }
    return true;
  }

  bool Member(std::string_view name, ondemand::value value, std::string_view& text) {
    if (simdjson::to_json_string(value).get(text) != simdjson::SUCCESS) return false;
    if (text.size() <= kLargestMember) on_member_(name, ParseInPlace(parser_, text));
    return true;
  }

 private:
  const std::function<void(JsonValue, std::string_view)>& on_record_;
  const std::function<void(std::string_view, JsonValue)>& on_member_;
  dom::parser parser_;
};

}  // namespace

JsonValue::Kind JsonValue::kind() const {
  if (!present_) return Kind::kMissing;
  switch (element_.type()) {
    case dom::element_type::NULL_VALUE:
      return Kind::kNull;
    case dom::element_type::BOOL:
      return Kind::kFlag;
    case dom::element_type::STRING:
      return Kind::kText;
    case dom::element_type::ARRAY:
      return Kind::kArray;
    case dom::element_type::OBJECT:
      return Kind::kObject;
    case dom::element_type::INT64:
    case dom::element_type::UINT64:
    case dom::element_type::DOUBLE:
      return Kind::kNumber;
  }
  return Kind::kMissing;
}

JsonValue JsonValue::operator[](std::string_view name) const {
  dom::object object;
  dom::element member;
  if (!present_ || element_.get(object) != simdjson::SUCCESS) return {};
  if (object.at_key(name).get(member) != simdjson::SUCCESS) return {};
  return JsonValue(member);
}

std::optional<std::string_view> JsonValue::Text() const {
  std::string_view text;
  if (!present_ || element_.get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

std::optional<int64_t> JsonValue::Integer() const {
  if (!present_) return std::nullopt;
  int64_t whole = 0;
  if (element_.get(whole) == simdjson::SUCCESS) return whole;
  if (const auto text = Text()) {
    return absl::SimpleAtoi(ToAbsl(*text), &whole) ? std::optional(whole) : std::nullopt;
  }
  constexpr double kExact = 9007199254740992;  // 2^53: above it a double skips whole numbers
  double number = 0;
  if (element_.get(number) != simdjson::SUCCESS) return std::nullopt;
  if (std::trunc(number) != number || std::abs(number) > kExact) return std::nullopt;
  return static_cast<int64_t>(number);
}

std::optional<double> JsonValue::Number() const {
  if (!present_) return std::nullopt;
  double number = 0;
  if (element_.get(number) == simdjson::SUCCESS) return number;
  const auto text = Text();
  if (!text || !absl::SimpleAtod(ToAbsl(*text), &number) || !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

std::optional<bool> JsonValue::Flag() const {
  if (!present_) return std::nullopt;
  bool flag = false;
  if (element_.get(flag) == simdjson::SUCCESS) return flag;
  const auto number = Integer();
  if (!number || *number < 0 || *number > 1) return std::nullopt;
  return *number == 1;
}

std::optional<std::string> JsonValue::ScalarText() const {
  switch (kind()) {
    case Kind::kText:
      return std::string(*Text());
    case Kind::kFlag:
      return *Flag() ? "true" : "false";
    case Kind::kNumber:
      return std::string(simdjson::minify(element_));
    default:
      return std::nullopt;
  }
}

bool JsonText::Parse(std::string_view text, size_t max_depth) {
  dom::element element;
  // The parser keeps the depth it was given with its memory, and takes no less than 32 bytes.
  const size_t capacity = std::max(text.size(), dom::MINIMAL_DOCUMENT_CAPACITY);
  root_ = JsonValue();
  if (parser_.allocate(capacity, max_depth) != simdjson::SUCCESS) return false;
  const bool ok = parser_.parse(text.data(), text.size()).get(element) == simdjson::SUCCESS;
  root_ = ok ? JsonValue(element) : JsonValue();
  return ok;
}

JsonList WalkJsonList(std::string_view text, std::string_view list,
                      const std::function<void(JsonValue, std::string_view)>& on_record,
                      const std::function<void(std::string_view, JsonValue)>& on_member) {
  const simdjson::padded_string padded(text);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object root;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS) return JsonList::kUnreadable;
  if (document.get_object().get(root) != simdjson::SUCCESS) return JsonList::kUnreadable;
  ListWalk walk(on_record, on_member);
  JsonList state = JsonList::kMissing;
  for (auto field : root) {
    std::string_view name;
    ondemand::value value;
    if (field.unescaped_key().get(name) != simdjson::SUCCESS) return JsonList::kUnreadable;
    if (field.value().get(value) != simdjson::SUCCESS) return JsonList::kUnreadable;
    ondemand::array array;
    if (name == list && value.get_array().get(array) == simdjson::SUCCESS) {
      if (!walk.Records(array)) return JsonList::kUnreadable;
      state = JsonList::kRead;
    } else {
      std::string_view raw;
      if (!walk.Member(name, value, raw)) return JsonList::kUnreadable;
      if (name == list && Trim(raw) == "null") state = JsonList::kNull;
    }
  }
  const bool at_end = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
  return at_end ? state : JsonList::kUnreadable;
}

std::string FindRawId(std::string_view record) {
  constexpr std::string_view kName = "\"id\":";
  const size_t at = record.find(kName);
  if (at == std::string_view::npos) return "";
  const std::string_view rest = Trim(record.substr(at + kName.size()));
  return std::string(rest.substr(0, rest.find_first_not_of("0123456789")));
}

}  // namespace connector::http
