#include "pipedrive/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "pipedrive/operations.h"

namespace connector::pipedrive {
namespace {

using absl::StatusCode;
using std::chrono::hours;
using std::chrono::seconds;
using ::testing::HasSubstr;

const std::string kKey = "9dc80c50d78a15643bfc4ca79d76156a73a1ca0e";

constexpr quota::Operation kWrite = {.name = "persons.update", .write = true};

http::Response Json(int status, std::string body, std::vector<http::Header> headers = {}) {
  headers.emplace_back("content-type", "application/json; charset=utf-8");
  return {status, std::move(headers), std::move(body)};
}
http::Response Html(int status) {
  return {status, {{"content-type", "text/html"}}, "<html>Cloudflare</html>"};
}
std::string Body(const std::string& text, const std::string& code = "") {
  return R"({"success":false,"error":")" + text + R"(","error_info":"see docs","code":")" + code +
         R"(","data":null})";
}

struct Row {
  http::Response response;
  StatusCode code;
  Reaction reaction;
  std::string message;  // a part of it
  std::string field;
  std::optional<Duration> wait;
};

TEST(Classify, ReadsEveryAnswer) {
  const Row kRows[] = {
      {Json(200, "{}"), StatusCode::kOk, Reaction::kNone, "", "", {}},
      {Json(201, "{}"), StatusCode::kOk, Reaction::kNone, "", "", {}},
      {{204, {}, ""}, StatusCode::kOk, Reaction::kNone, "", "", {}},
      {Html(200), StatusCode::kUnavailable, Reaction::kRetry, "could not be read", "", {}},
      {{200, {}, "{}"}, StatusCode::kUnavailable, Reaction::kRetry, "is not JSON", "", {}},
      {{301, {}, ""},
       StatusCode::kFailedPrecondition,
       Reaction::kPauseAccount,
       "company_domain",
       "",
       {}},
      {Json(400, Body("Bad request")),
       StatusCode::kInvalidArgument,
       Reaction::kFailRecord,
       "Bad request",
       "",
       {}},
      {Json(400, Body("updated_since is not a date", "ERR_SCHEMA_VALIDATION_FAILED")),
       StatusCode::kInvalidArgument,
       Reaction::kFailRecord,
       "updated_since",
       "",
       {}},
      {Json(400, Body("Unknown custom field " + kKey, "ERR_SCHEMA_VALIDATION_FAILED")),
       StatusCode::kInvalidArgument,
       Reaction::kRepair,
       "correct it in person_mapping",
       kKey,
       {}},
      {Json(400, R"({"success":false,"error":"Validation failed","field_code":")" + kKey + "\"}"),
       StatusCode::kInvalidArgument,
       Reaction::kRepair,
       kKey,
       kKey,
       {}},
      {Json(400, R"({"error":"no","additional_data":{"field_code":"name"}})"),
       StatusCode::kInvalidArgument,
       Reaction::kRepair,
       "field name",
       "name",
       {}},
      {Json(400, Body("Invalid cursor")),
       StatusCode::kOutOfRange,
       Reaction::kFailRecord,
       "begin again",
       "",
       {}},
      {Json(401, Body("unauthorized access"), {{"x-correlation-id", "abc-1"}}),
       StatusCode::kUnauthenticated,
       Reaction::kPauseAccount,
       "connectors.pipedrive.api_token to the token shown in Pipedrive",
       "",
       {}},
      {Json(402, Body("Company account is not open")),
       StatusCode::kFailedPrecondition,
       Reaction::kPauseAccount,
       "billing",
       "",
       {}},
      {Html(403), StatusCode::kPermissionDenied, Reaction::kPauseAccount, "edge blocks", "",
       hours(1)},
      {{403, {{"retry-after", "10"}}, "blocked"},
       StatusCode::kPermissionDenied,
       Reaction::kPauseAccount,
       "",
       "",
       hours(1)},
      {{403, {{"retry-after", "7200"}}, "blocked"},
       StatusCode::kPermissionDenied,
       Reaction::kPauseAccount,
       "",
       "",
       hours(2)},
      {Json(403, Body("Scope and URL mismatch")),
       StatusCode::kPermissionDenied,
       Reaction::kPauseAccount,
       "missing scope",
       "",
       {}},
      {Json(403, Body("Limit", "feature_capping_deals_limit")),
       StatusCode::kFailedPrecondition,
       Reaction::kFailRecord,
       "no more deals",
       "",
       {}},
      {Json(403, Body("Forbidden")),
       StatusCode::kPermissionDenied,
       Reaction::kPauseAccount,
       "a user who may",
       "",
       {}},
      {Json(404, Body("Person not found")),
       StatusCode::kNotFound,
       Reaction::kGone,
       "not found",
       "",
       {}},
      {Json(405, ""), StatusCode::kUnimplemented, Reaction::kPauseAccount, "api_version", "", {}},
      {Json(408, ""), StatusCode::kUnavailable, Reaction::kRetry, "", "", {}},
      {Json(410, ""), StatusCode::kUnimplemented, Reaction::kPauseAccount, "api_version", "", {}},
      {Json(415, ""),
       StatusCode::kFailedPrecondition,
       Reaction::kFailRecord,
       "not enabled",
       "",
       {}},
      {Json(422, "{}"), StatusCode::kInvalidArgument, Reaction::kFailRecord, "422", "", {}},
      {Json(429, Body("Request over limit")), StatusCode::kResourceExhausted, Reaction::kRetry,
       "over limit", "", seconds(2)},
      {Json(429, "", {{"x-ratelimit-reset", "1"}}), StatusCode::kResourceExhausted,
       Reaction::kRetry, "429", "", seconds(1)},
      {Json(429, "", {{"x-ratelimit-reset", "1"}, {"retry-after", "30"}}),
       StatusCode::kResourceExhausted, Reaction::kRetry, "", "", seconds(30)},
      {Html(429), StatusCode::kResourceExhausted, Reaction::kRetry, "", "", seconds(2)},
      {Html(500), StatusCode::kUnavailable, Reaction::kRetry, "500", "", {}},
      {Json(501, ""), StatusCode::kUnimplemented, Reaction::kFailRecord, "501", "", {}},
      {{503, {{"retry-after", "5"}}, ""},
       StatusCode::kUnavailable,
       Reaction::kRetry,
       "503",
       "",
       seconds(5)},
      {Html(524), StatusCode::kUnavailable, Reaction::kRetry, "524", "", {}},
      {{100, {}, ""}, StatusCode::kUnavailable, Reaction::kRetry, "100", "", {}},
  };
  for (const Row& row : kRows) {
    const absl::Status status = Classify(kListPersons, row.response);
    const std::string what = absl::StrCat(row.response.status, " ", row.response.body);
    EXPECT_EQ(status.code(), row.code) << what;
    EXPECT_EQ(ReactionOf(status), row.reaction) << what;
    EXPECT_THAT(std::string(status.message()), HasSubstr(row.message)) << what;
    EXPECT_EQ(FieldOf(status), row.field) << what;
    EXPECT_EQ(RetryAfterOf(status), row.wait) << what;
  }
}

TEST(Classify, NamesOperationAndCorrelationId) {
  const absl::Status status = Classify(
      kListPersons, Json(401, Body("unauthorized access"), {{"x-correlation-id", "abc-1"}}));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("Pipedrive answered HTTP 401 to persons.list: unauthorized access; "));
  EXPECT_THAT(std::string(status.message()), HasSubstr("(correlation id abc-1)"));
}

TEST(Classify, AForbiddenWriteConcernsOneRecord) {
  EXPECT_EQ(ReactionOf(Classify(kWrite, Json(403, Body("Forbidden")))), Reaction::kFailRecord);
}

}  // namespace
}  // namespace connector::pipedrive
