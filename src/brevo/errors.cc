#include "brevo/errors.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "http/answer.h"
#include "http/error_table.h"
#include "http/json.h"

namespace connector::brevo {
namespace {

using absl::StatusCode;
using http::ErrorRule;
using Body = ErrorRule::Body;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kKey =
    "set connectors.brevo.api_key (or BREVO_API_KEY) to a valid key; keys can expire";
constexpr std::string_view kIp =
    "authorise this address in Brevo under Security > Authorised IPs: the key itself is not "
    "refused";

constexpr ErrorRule kTable[] = {
    {301,
     399,
     Body::kAny,
     "",
     "",
     StatusCode::kFailedPrecondition,
     Reaction::kPauseAccount,
     "",
     {},
     "check connectors.brevo.api_base_url"},
    // Whatever the status, these codes and words say more.
    {400,
     499,
     Body::kJson,
     "",
     "unrecognised ip address",
     StatusCode::kUnauthenticated,
     Reaction::kPauseAccount,
     "",
     {},
     kIp},
    {401,
     401,
     Body::kAny,
     "",
     "",
     StatusCode::kUnauthenticated,
     Reaction::kPauseAccount,
     "",
     {},
     kKey},
    {400,
     499,
     Body::kJson,
     "account_under_validation",
     "",
     StatusCode::kFailedPrecondition,
     Reaction::kPauseAccount,
     "",
     {},
     "Brevo has not validated the account yet"},
    {400, 499, Body::kJson, "account_in_process", "", StatusCode::kUnavailable, Reaction::kRetry,
     "", minutes(1), ""},
    {400,
     499,
     Body::kJson,
     "not_enough_credits",
     "",
     StatusCode::kFailedPrecondition,
     Reaction::kPauseAccount,
     "",
     {},
     "the Brevo plan has no credits left"},
    {402,
     402,
     Body::kAny,
     "",
     "",
     StatusCode::kFailedPrecondition,
     Reaction::kPauseAccount,
     "",
     {},
     "the Brevo plan does not allow this or has no credits left"},
    {403,
     403,
     Body::kJson,
     "",
     "",
     StatusCode::kPermissionDenied,
     Reaction::kPauseAccount,
     "",
     {},
     "give the key access to contacts, lists and attributes"},
    {403, 403, Body::kOther, "", "", StatusCode::kPermissionDenied, Reaction::kPauseAccount, "",
     minutes(15), "something before Brevo's API blocks this address"},
    {408, 408, Body::kAny, "", "", StatusCode::kUnavailable, Reaction::kRetry, "", {}, ""},
    {425, 425, Body::kAny, "", "", StatusCode::kUnavailable, Reaction::kRetry, "", seconds(1), ""},
    {429, 429, Body::kAny, "", "", StatusCode::kResourceExhausted, Reaction::kRetry, "", seconds(1),
     ""},
    {404, 404, Body::kAny, "", "", StatusCode::kNotFound, Reaction::kGone, "", {}, ""},
    {400,
     499,
     Body::kJson,
     "document_not_found",
     "",
     StatusCode::kNotFound,
     Reaction::kGone,
     "",
     {},
     ""},
    {400,
     400,
     Body::kJson,
     "",
     "must be unique",
     StatusCode::kAlreadyExists,
     Reaction::kFailRecord,
     "",
     {},
     ""},
    {400,
     499,
     Body::kJson,
     "duplicate_parameter",
     "",
     StatusCode::kAlreadyExists,
     Reaction::kConflict,
     "",
     {},
     ""},
    {400,
     400,
     Body::kJson,
     "",
     "invalid phone number",
     StatusCode::kInvalidArgument,
     Reaction::kRepair,
     "SMS",
     {},
     ""},
    {400,
     400,
     Body::kJson,
     "",
     "invalid whatsapp",
     StatusCode::kInvalidArgument,
     Reaction::kRepair,
     "WHATSAPP",
     {},
     ""},
    {400,
     400,
     Body::kJson,
     "",
     "invalid landline",
     StatusCode::kInvalidArgument,
     Reaction::kRepair,
     "LANDLINE_NUMBER",
     {},
     ""},
    {400,
     400,
     Body::kJson,
     "",
     "invalid email",
     StatusCode::kInvalidArgument,
     Reaction::kFailRecord,
     "email",
     {},
     ""},
    {400,
     400,
     Body::kJson,
     "",
     "email is not valid",
     StatusCode::kInvalidArgument,
     Reaction::kFailRecord,
     "email",
     {},
     ""},
    {400,
     400,
     Body::kJson,
     "out_of_range",
     "",
     StatusCode::kOutOfRange,
     Reaction::kFailRecord,
     "",
     {},
     ""},
    {400, 499, Body::kAny, "", "", StatusCode::kInvalidArgument, Reaction::kFailRecord, "", {}, ""},
    {500, 599, Body::kAny, "", "", StatusCode::kUnavailable, Reaction::kRetry, "", {}, ""},
    {0, 999, Body::kAny, "", "", StatusCode::kUnavailable, Reaction::kRetry, "", {}, ""},
};

constexpr ErrorRule kReportTable[] = {
    {429, 429, Body::kAny, "", "", StatusCode::kResourceExhausted, Reaction::kRetry, "", seconds(5),
     ""},
    {400,
     499,
     Body::kAny,
     "",
     "",
     StatusCode::kNotFound,
     Reaction::kGone,
     "",
     {},
     "the report is not there any more"},
    {0, 999, Body::kAny, "", "", StatusCode::kUnavailable, Reaction::kRetry, "", {}, ""},
};

// How messages and metadata name the identifiers, in lower case, and what they are called here.
constexpr std::pair<std::string_view, std::string_view> kIdentifiers[] = {
    {"email", "email"}, {"ext_id", "EXT_ID"},     {"sms", "SMS"},
    {"phone", "SMS"},   {"whatsapp", "WHATSAPP"}, {"landline", "LANDLINE_NUMBER"},
};

struct Refusal {
  http::VendorError error;
  std::string duplicate;  // the identifier another contact has
};

// The identifier named first in a text that is all about identifiers.
std::string_view FirstIdentifier(std::string_view text) {
  const std::string lower = AsciiLower(text);
  size_t first = std::string::npos;
  std::string_view found;
  for (const auto& [name, identifier] : kIdentifiers) {
    const size_t at = lower.find(name);
    if (at >= first) continue;
    first = at;
    found = identifier;
  }
  return found;
}

// metadata.duplicate_identifiers decides; older answers have only a text, in several wordings and
// with one typo ("already associate with").
std::string DuplicateOf(http::JsonValue root, std::string_view text) {
  std::string duplicate;
  root["metadata"]["duplicate_identifiers"].ForEach([&duplicate](http::JsonValue name) {
    if (!duplicate.empty() || !name.Text()) return;
    const std::string_view known = FirstIdentifier(*name.Text());
    duplicate = known.empty() ? *name.Text() : known;
  });
  if (!duplicate.empty()) return duplicate;
  const std::string lower = AsciiLower(text);
  const size_t associated = lower.find("already associate");
  if (associated != std::string::npos) {
    const size_t comma = std::min(lower.find(',') + 1, associated);
    return std::string(FirstIdentifier(std::string_view(lower).substr(comma)));
  }
  return lower.find("contact already exist") == std::string::npos ? "" : "email";
}

Refusal ReadRefusal(const http::Response& response) {
  Refusal refusal;
  http::JsonText json;
  if (!response.IsJson() || !json.Parse(response.body)) return refusal;
  refusal.error.code = json.root()["code"].ScalarText().value_or("");
  refusal.error.text = json.root()["message"].ScalarText().value_or(refusal.error.code);
  refusal.duplicate = DuplicateOf(json.root(), refusal.error.text);
  return refusal;
}

ErrorRule Decide(const http::Response& response, const Refusal& refusal) {
  ErrorRule rule = *http::FindRule(kTable, response, refusal.error);
  const bool refused =
      rule.result == StatusCode::kInvalidArgument || rule.result == StatusCode::kAlreadyExists;
  if (refused && !refusal.duplicate.empty()) {
    rule.result = StatusCode::kAlreadyExists;
    rule.reaction = Reaction::kConflict;
    rule.field = refusal.duplicate;
  }
  if (rule.reaction == Reaction::kRetry) {
    const auto reset = http::WaitOf(response, "x-sib-ratelimit-reset");
    const Duration own = response.status == 429 ? reset.value_or(rule.wait) : rule.wait;
    rule.wait = http::WaitOf(response, "retry-after").value_or(own);
  }
  return rule;
}

std::string Trace(const http::Response& response) {
  const std::string_view id = response.HeaderValue("sib-request-id");
  return id.empty() ? "" : absl::StrCat("request id ", http::Excerpt(id));
}

}  // namespace

absl::Status Classify(const quota::Operation& operation, const http::Response& response) {
  if (response.status >= 200 && response.status < 300) {
    if (response.body.empty() || response.IsJson()) return absl::OkStatus();
    return Unreadable(absl::StrCat("the answer to ", ToAbsl(operation.name), " is not JSON"));
  }
  const Refusal refusal = ReadRefusal(response);
  return http::RuleStatus(Decide(response, refusal), "Brevo", operation.name, response,
                          refusal.error, Trace(response));
}

absl::Status ClassifyReport(const http::Response& response) {
  if (response.status >= 200 && response.status < 300) return absl::OkStatus();
  const ErrorRule* rule = http::FindRule(kReportTable, response, {});
  return http::RuleStatus(*rule, "the host of import reports", "reports.read", response, {}, "");
}

absl::Status Unreadable(std::string_view problem) {
  return WithReaction(
      absl::UnavailableError(absl::StrCat("Brevo's answer could not be read: ", ToAbsl(problem))),
      Reaction::kRetry);
}

}  // namespace connector::brevo
