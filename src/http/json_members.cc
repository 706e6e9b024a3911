#include "http/json_members.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/log.h"

namespace connector::http {
namespace {

// The largest double written out has 309 digits.
constexpr size_t kLongestNumber = 400;

}  // namespace

bool AppendJsonNumber(std::string& out, double number) {
  if (!std::isfinite(number)) return false;
  std::array<char, kLongestNumber> text{};
  const double value = number == 0 ? 0 : number;  // not -0
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  out.append(text.data(), end.ptr);
  return true;
}

std::string& JsonMembers::Name(std::string_view name) {
  if (!std::exchange(first_, false)) out_.push_back(',');
  AppendJsonString(out_, name);
  out_.push_back(':');
  return out_;
}

void JsonMembers::Text(std::string_view name, std::string_view text) {
  AppendJsonString(Name(name), text);
}

void JsonMembers::Ids(std::string_view name, const std::vector<int64_t>& ids) {
  if (!ids.empty()) absl::StrAppend(&Name(name), "[", absl::StrJoin(ids, ","), "]");
}

}  // namespace connector::http
