#include "pipedrive/custom_field_encoder.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/log.h"

namespace connector::pipedrive {
namespace {

using http::JsonMembers;

bool IsObjectType(std::string_view type) { return type == "time" || type == "address"; }

void AppendNumber(std::string& out, double number) {
  if (!http::AppendJsonNumber(out, number)) out += "null";
}

// Fields of texts refuse numbers.
void AppendNumberAs(std::string& out, double number, std::string_view type) {
  const bool text = type == "varchar" || type == "text" || type == "varchar_auto" ||
                    type == "phone" || type == "date";
  if (text) out.push_back('"');
  AppendNumber(out, number);
  if (text) out.push_back('"');
}

void AppendObject(std::string& out, std::string_view text) {
  JsonMembers object(out);
  object.Text("value", text);
  object.Close();
}

struct V2Writer {
  std::string& out;
  std::string_view type;

  void operator()(std::monostate) const { out += "null"; }
  void operator()(const std::string& text) const {
    if (IsObjectType(type)) return AppendObject(out, text);
    AppendJsonString(out, text);
  }
  void operator()(double number) const { AppendNumberAs(out, number, type); }
  void operator()(const OptionIds& options) const {
    // An empty list is refused; null clears a set.
    if (options.ids.empty()) {
      out += "null";
    } else if (type == "set" || options.ids.size() > 1) {
      absl::StrAppend(&out, "[", absl::StrJoin(options.ids, ","), "]");
    } else {
      absl::StrAppend(&out, options.ids.front());
    }
  }
  void operator()(const Monetary& money) const {
    JsonMembers object(out);
    AppendNumber(object.Name("value"), money.amount);
    object.Text("currency", money.currency);
    object.Close();
  }
  void operator()(const ValueRange& range) const {
    JsonMembers object(out);
    object.Text("value", range.from);
    object.Text("until", range.until);
    object.Close();
  }
  void operator()(const RecordRef& reference) const { absl::StrAppend(&out, reference.id); }
};

struct V1Writer {
  JsonMembers& record;
  std::string_view key;
  std::string_view type;

  void operator()(std::monostate) const { record.Null(key); }
  void operator()(const std::string& text) const { record.Text(key, text); }
  void operator()(double number) const { AppendNumberAs(record.Name(key), number, type); }
  void operator()(const OptionIds& options) const {
    if (options.ids.empty()) return record.Null(key);
    if (type == "set" || options.ids.size() > 1) {
      return record.Text(key, absl::StrJoin(options.ids, ","));
    }
    record.Number(key, options.ids.front());
  }
  void operator()(const Monetary& money) const {
    AppendNumber(record.Name(key), money.amount);
    if (!money.currency.empty()) record.Text(absl::StrCat(Name(), "_currency"), money.currency);
  }
  void operator()(const ValueRange& range) const {
    record.Text(key, range.from);
    record.Text(absl::StrCat(Name(), "_until"), range.until);
  }
  void operator()(const RecordRef& reference) const { record.Number(key, reference.id); }

  std::string Name() const { return std::string(key); }
};

}  // namespace

void AppendCustomV2(JsonMembers& fields, std::string_view key, const CustomValue& value,
                    std::string_view type) {
  std::visit(V2Writer{fields.Name(key), type}, value);
}

void AppendCustomV1(JsonMembers& record, std::string_view key, const CustomValue& value,
                    std::string_view type) {
  std::visit(V1Writer{record, key, type}, value);
}

}  // namespace connector::pipedrive
