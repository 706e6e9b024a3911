#include "brevo/json_members.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/log.h"

namespace connector::brevo {
namespace {

// The largest double written out has 309 digits.
constexpr size_t kLongestNumber = 400;

void AppendNumber(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "\"\"";
    return;
  }
  std::array<char, kLongestNumber> text{};
  const double value = number == 0 ? 0 : number;  // not -0
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  out.append(text.data(), end.ptr);
}

}  // namespace

void AppendTexts(std::string& out, const std::vector<std::string>& texts) {
  out.push_back('[');
  bool first = true;
  for (const std::string& text : texts) {
    if (!std::exchange(first, false)) out.push_back(',');
    AppendJsonString(out, text);
  }
  out.push_back(']');
}

void AppendValue(std::string& out, const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) {
    out += *flag ? "true" : "false";
  } else if (const auto* number = std::get_if<double>(&value)) {
    AppendNumber(out, *number);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    AppendJsonString(out, *text);
  } else if (const auto* labels = std::get_if<std::vector<std::string>>(&value)) {
    AppendTexts(out, *labels);
  } else {
    out += "\"\"";
  }
}

std::string& Members::Name(std::string_view name) {
  if (!std::exchange(first_, false)) out_.push_back(',');
  AppendJsonString(out_, name);
  out_.push_back(':');
  return out_;
}

void Members::Text(std::string_view name, std::string_view text) {
  AppendJsonString(Name(name), text);
}

void Members::Ids(std::string_view name, const std::vector<int64_t>& ids) {
  if (!ids.empty()) absl::StrAppend(&Name(name), "[", absl::StrJoin(ids, ","), "]");
}

}  // namespace connector::brevo
