#include "pipedrive/errors.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "http/answer.h"
#include "http/error_table.h"
#include "http/json.h"

namespace connector::pipedrive {
namespace {

using absl::StatusCode;
using http::ErrorRule;
using http::JsonValue;
using Body = ErrorRule::Body;
using std::chrono::hours;
using std::chrono::seconds;

constexpr std::string_view kToken =
    "set connectors.pipedrive.api_token to the token shown in Pipedrive under Personal preferences "
    "> API, or with OAuth authorize again at /oauth/authorize";
constexpr std::string_view kDomain = "check connectors.pipedrive.company_domain";

// The edge answers with a page of its own once traffic goes on after 429s; only silence ends it.
constexpr Duration kEdgeBlock = hours(1);

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
     kDomain},
    {400,
     400,
     Body::kAny,
     "",
     "cursor",
     StatusCode::kOutOfRange,
     Reaction::kFailRecord,
     "",
     {},
     "the walk has to begin again"},
    {400,
     400,
     Body::kAny,
     "ERR_SCHEMA_VALIDATION_FAILED",
     "",
     StatusCode::kInvalidArgument,
     Reaction::kFailRecord,
     "",
     {},
     ""},
    {400, 400, Body::kAny, "", "", StatusCode::kInvalidArgument, Reaction::kFailRecord, "", {}, ""},
    {401,
     401,
     Body::kAny,
     "",
     "",
     StatusCode::kUnauthenticated,
     Reaction::kPauseAccount,
     "",
     {},
     kToken},
    {402,
     402,
     Body::kAny,
     "",
     "",
     StatusCode::kFailedPrecondition,
     Reaction::kPauseAccount,
     "",
     {},
     "the Pipedrive account is not open: see its billing page"},
    {403, 403, Body::kOther, "", "", StatusCode::kPermissionDenied, Reaction::kPauseAccount, "",
     kEdgeBlock,
     "Pipedrive's edge blocks this address for a while: nothing is sent to it meanwhile"},
    {403,
     403,
     Body::kJson,
     "",
     "scope",
     StatusCode::kPermissionDenied,
     Reaction::kPauseAccount,
     "",
     {},
     "give the app the missing scope in the Pipedrive developer hub"},
    {403,
     403,
     Body::kJson,
     "feature_capping_deals_limit",
     "",
     StatusCode::kFailedPrecondition,
     Reaction::kFailRecord,
     "",
     {},
     "the Pipedrive plan allows no more deals"},
    {403,
     403,
     Body::kJson,
     "",
     "limit",
     StatusCode::kFailedPrecondition,
     Reaction::kFailRecord,
     "",
     {},
     "a limit of the Pipedrive plan is reached"},
    {404, 404, Body::kAny, "", "", StatusCode::kNotFound, Reaction::kGone, "", {}, ""},
    {405,
     405,
     Body::kAny,
     "",
     "",
     StatusCode::kUnimplemented,
     Reaction::kPauseAccount,
     "",
     {},
     "the endpoint is gone: check connectors.pipedrive.api_version"},
    {408, 408, Body::kAny, "", "", StatusCode::kUnavailable, Reaction::kRetry, "", {}, ""},
    {410,
     410,
     Body::kAny,
     "",
     "",
     StatusCode::kUnimplemented,
     Reaction::kPauseAccount,
     "",
     {},
     "the endpoint is gone: check connectors.pipedrive.api_version"},
    {415,
     415,
     Body::kAny,
     "",
     "",
     StatusCode::kFailedPrecondition,
     Reaction::kFailRecord,
     "",
     {},
     "the feature is not enabled in this Pipedrive account"},
    {429, 429, Body::kAny, "", "", StatusCode::kResourceExhausted, Reaction::kRetry, "", seconds(2),
     ""},
    {400, 499, Body::kAny, "", "", StatusCode::kInvalidArgument, Reaction::kFailRecord, "", {}, ""},
    {501, 501, Body::kAny, "", "", StatusCode::kUnimplemented, Reaction::kFailRecord, "", {}, ""},
    {500, 599, Body::kAny, "", "", StatusCode::kUnavailable, Reaction::kRetry, "", {}, ""},
    {0, 999, Body::kAny, "", "", StatusCode::kUnavailable, Reaction::kRetry, "", {}, ""},
};

// A refused read concerns the whole account, a refused write one record.
constexpr ErrorRule kForbiddenRead = {
    403,
    403,
    Body::kJson,
    "",
    "",
    StatusCode::kPermissionDenied,
    Reaction::kPauseAccount,
    "",
    {},
    "the user of the token may not do this: use the token of a user who may"};
constexpr ErrorRule kForbiddenWrite = {403,
                                       403,
                                       Body::kJson,
                                       "",
                                       "",
                                       StatusCode::kPermissionDenied,
                                       Reaction::kFailRecord,
                                       "",
                                       {},
                                       "the user of the token may not change this record"};

// What becomes of a subscription says nothing about the rest of the account.
constexpr ErrorRule kForbiddenWebhooks = {
    403,
    403,
    Body::kJson,
    "",
    "",
    StatusCode::kPermissionDenied,
    Reaction::kFailRecord,
    "",
    {},
    "webhooks need the token of an admin, or with OAuth the scope admin"};
constexpr ErrorRule kTooManyWebhooks = {
    422,
    422,
    Body::kAny,
    "",
    "",
    StatusCode::kFailedPrecondition,
    Reaction::kFailRecord,
    "",
    {},
    "Pipedrive allows a user 40 webhooks: remove some under Tools and apps > Webhooks"};

constexpr size_t kKeyLength = 40;

bool IsHexDigit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

// The key of a custom field within a text, or "".
std::string FindFieldKey(std::string_view text) {
  size_t run = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && IsHexDigit(text[i])) {
      ++run;
      continue;
    }
    if (run == kKeyLength) return std::string(text.substr(i - run, run));
    run = 0;
  }
  return "";
}

struct Refusal {
  http::VendorError error;
  std::string field_code;
};

// Webhooks answer {"subscription_url": ["invalid or non-reachable URL"]}.
std::string FirstOf(JsonValue errors) {
  std::string first;
  errors.ForEachMember([&first](std::string_view name, JsonValue texts) {
    texts.ForEach([&first, name](JsonValue text) {
      if (first.empty()) first = absl::StrCat(ToAbsl(name), ": ", text.ScalarText().value_or(""));
    });
  });
  return first;
}

Refusal ReadRefusal(const http::Response& response) {
  Refusal refusal;
  http::JsonText json;
  if (!response.IsJson() || !json.Parse(response.body)) return refusal;
  const JsonValue root = json.root();
  refusal.error.code = root["code"].ScalarText().value_or("");
  for (const std::string_view name : {"error", "message", "errors"}) {
    if (const auto text = root[name].ScalarText(); text && refusal.error.text.empty()) {
      refusal.error.text = *text;
    }
  }
  if (refusal.error.text.empty()) refusal.error.text = FirstOf(root["errors"]);
  for (const JsonValue& part : {root, root["additional_data"], root["error_info"], root["data"]}) {
    if (const auto code = part["field_code"].Text(); code && refusal.field_code.empty()) {
      refusal.field_code = *code;
    }
  }
  if (refusal.field_code.empty()) refusal.field_code = FindFieldKey(refusal.error.text);
  return refusal;
}

std::string Trace(const http::Response& response) {
  const std::string_view id = response.HeaderValue("x-correlation-id");
  return id.empty() ? "" : absl::StrCat("correlation id ", http::Excerpt(id));
}

// A key that the account no longer has fails the whole call, so it is named for the caller to drop.
ErrorRule UnknownFieldRule(const ErrorRule& rule, const std::string& field, std::string& remedy) {
  remedy = absl::StrCat("field ", field,
                        " was refused: it was deleted in Pipedrive or belongs to another company; "
                        "correct it in person_mapping");
  ErrorRule out = rule;
  out.reaction = Reaction::kRepair;
  out.field = field;
  out.remedy = remedy;
  return out;
}

// As `rule`, waiting for as long as the answer asks. An edge block is never cut short.
ErrorRule WithWait(const ErrorRule& rule, const http::Response& response) {
  ErrorRule out = rule;
  const auto reset = http::WaitOf(response, "x-ratelimit-reset");
  const Duration asked = http::WaitOf(response, "retry-after").value_or(reset.value_or(rule.wait));
  out.wait = rule.wait == kEdgeBlock ? std::max(asked, kEdgeBlock) : asked;
  return out;
}

ErrorRule Decide(const quota::Operation& operation, const http::Response& response,
                 const Refusal& refusal, std::string& remedy) {
  const ErrorRule& rule = *http::FindRule(kTable, response, refusal.error);
  if (operation.name.starts_with("webhooks.")) {
    if (response.status == 403 && response.IsJson()) return kForbiddenWebhooks;
    if (response.status == 422) return kTooManyWebhooks;
  }
  const bool schema = rule.result == StatusCode::kInvalidArgument && response.status == 400;
  if (schema && !refusal.field_code.empty()) {
    return UnknownFieldRule(rule, refusal.field_code, remedy);
  }
  const bool plain_forbidden = response.status == 403 && rule.first_status != 403;
  if (plain_forbidden) return operation.write ? kForbiddenWrite : kForbiddenRead;
  const bool passing = rule.reaction == Reaction::kRetry || rule.wait == kEdgeBlock;
  if (passing) return WithWait(rule, response);
  return rule;
}

}  // namespace

absl::Status Classify(const quota::Operation& operation, const http::Response& response) {
  if (response.status >= 200 && response.status < 300) {
    if (response.status == 204 || response.IsJson()) return absl::OkStatus();
    return Unreadable(absl::StrCat("the answer to ", ToAbsl(operation.name), " is not JSON"));
  }
  const Refusal refusal = ReadRefusal(response);
  std::string remedy;
  const ErrorRule rule = Decide(operation, response, refusal, remedy);
  return http::RuleStatus(rule, "Pipedrive", operation.name, response, refusal.error,
                          Trace(response));
}

absl::Status Unreadable(std::string_view problem) {
  return WithReaction(absl::UnavailableError(
                          absl::StrCat("Pipedrive's answer could not be read: ", ToAbsl(problem))),
                      Reaction::kRetry);
}

}  // namespace connector::pipedrive
