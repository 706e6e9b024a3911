#pragma once

// Bodies written as text, member by member.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace connector::http {

// Appends a number without exponent and trailing zeros; false, and nothing, if it is not finite.
bool AppendJsonNumber(std::string& out, double number);

// A JSON object that grows at the end of `out`, which must outlive it.
class JsonMembers {
 public:
  explicit JsonMembers(std::string& out) : out_(out) { out_.push_back('{'); }

  // Where the value is to be appended.
  std::string& Name(std::string_view name);
  void Text(std::string_view name, std::string_view text);
  void Flag(std::string_view name, bool flag) { Name(name) += flag ? "true" : "false"; }
  void Number(std::string_view name, int64_t number) { Name(name) += std::to_string(number); }
  void Null(std::string_view name) { Name(name) += "null"; }
  // Nothing if there are none.
  void Ids(std::string_view name, const std::vector<int64_t>& ids);
  void Close() { out_.push_back('}'); }

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace connector::http
