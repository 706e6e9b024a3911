#include "http/error_table.h"

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "http/answer.h"

namespace connector::http {

const ErrorRule* FindRule(std::span<const ErrorRule> table, const Response& response,
                          const VendorError& error) {
  const std::string text = AsciiLower(error.text);
  const bool json = response.IsJson();
  for (const ErrorRule& rule : table) {
    if (response.status < rule.first_status || response.status > rule.last_status) continue;
    if (rule.body == ErrorRule::Body::kJson && !json) continue;
    if (rule.body == ErrorRule::Body::kOther && json) continue;
    if (!rule.code.empty() && rule.code != error.code) continue;
    if (text.find(rule.part) == std::string::npos) continue;
    return &rule;
  }
  return nullptr;
}

absl::Status RuleStatus(const ErrorRule& rule, std::string_view who, std::string_view operation,
                        const Response& response, const VendorError& error,
                        std::string_view trace) {
  std::string text =
      absl::StrCat(ToAbsl(who), " answered HTTP ", response.status, " to ", ToAbsl(operation));
  if (!error.text.empty()) absl::StrAppend(&text, ": ", Excerpt(error.text));
  if (!rule.remedy.empty()) absl::StrAppend(&text, "; ", ToAbsl(rule.remedy));
  if (!trace.empty()) absl::StrAppend(&text, " (", Excerpt(trace), ")");
  absl::Status status = WithReaction(absl::Status(rule.result, text), rule.reaction);
  if (!rule.field.empty()) status = WithField(std::move(status), rule.field);
  if (rule.wait > Duration(0)) status = WithRetryAfter(std::move(status), rule.wait);
  return status;
}

}  // namespace connector::http
