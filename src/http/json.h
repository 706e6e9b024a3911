#pragma once

// Answers in JSON, read tolerantly: what is missing, null or of another type than asked for is
// simply not there. simdjson does the parsing; nothing else includes it.

#include <simdjson.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace connector::http {

// A view of one value; valid as long as the text it came from is not parsed anew.
class JsonValue {
 public:
  enum class Kind { kMissing, kNull, kFlag, kNumber, kText, kArray, kObject };

  JsonValue() = default;  // missing
  explicit JsonValue(simdjson::dom::element element) : element_(element), present_(true) {}

  Kind kind() const;
  // Neither missing nor null.
  bool HasValue() const { return kind() > Kind::kNull; }
  bool IsContainer() const { return kind() >= Kind::kArray; }

  // A member of an object.
  JsonValue operator[](std::string_view name) const;

  std::optional<std::string_view> Text() const;
  // Also a number without fraction, and digits in a string: "123".
  std::optional<int64_t> Integer() const;
  // Also a number in a string: "12.50".
  std::optional<double> Number() const;
  // Also 0 and 1.
  std::optional<bool> Flag() const;
  // Any scalar as text: 12 -> "12", true -> "true".
  std::optional<std::string> ScalarText() const;

  // Calls `visit(JsonValue)` for each element of an array.
  template <typename Visit>
  void ForEach(Visit visit) const {
    simdjson::dom::array array;
    if (!present_ || element_.get(array) != simdjson::SUCCESS) return;
    for (const simdjson::dom::element element : array) visit(JsonValue(element));
  }

  // Calls `visit(std::string_view name, JsonValue)` for each member of an object.
  template <typename Visit>
  void ForEachMember(Visit visit) const {
    simdjson::dom::object object;
    if (!present_ || element_.get(object) != simdjson::SUCCESS) return;
    for (const auto& [name, value] : object) visit(name, JsonValue(value));
  }

 private:
  simdjson::dom::element element_;
  bool present_ = false;
};

// A small body as a tree. One thread.
class JsonText {
 public:
  // False if `text` is not one whole JSON value in valid UTF-8, or one that has more than
  // `max_depth` levels. The text is copied.
  bool Parse(std::string_view text, size_t max_depth = simdjson::DEFAULT_MAX_DEPTH);
  JsonValue root() const { return root_; }

 private:
  simdjson::dom::parser parser_;
  JsonValue root_;
};

// What became of the list of a large answer.
enum class JsonList { kUnreadable, kMissing, kNull, kRead };

// Walks an answer {"<list>": [record, ...], "<other>": ...} without building a tree of it, so that
// a record with a number or an escape that no parser takes costs only itself: `on_record` then gets
// a missing value, and the record's text either way. `on_member` gets the other members, those
// larger than 64 KiB aside. Of kUnreadable (not whole, valid JSON) what was given before is to be
// forgotten.
JsonList WalkJsonList(std::string_view text, std::string_view list,
                      const std::function<void(JsonValue record, std::string_view text)>& on_record,
                      const std::function<void(std::string_view name, JsonValue value)>& on_member);

// The id of a record that could not be parsed, as far as it can be found in its text.
std::string FindRawId(std::string_view record);

}  // namespace connector::http
