#include "brevo/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "brevo/operations.h"

namespace connector::brevo {
namespace {

using absl::StatusCode;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;

http::Response Json(int status, std::string body, std::vector<http::Header> headers = {}) {
  headers.emplace_back("content-type", "application/json");
  return {status, std::move(headers), std::move(body)};
}
http::Response Html(int status) { return {status, {{"content-type", "text/html"}}, "<html/>"}; }
std::string Body(const std::string& code, const std::string& message,
                 const std::string& duplicates = "") {
  std::string body = R"({"code":")" + code + R"(","message":")" + message + "\"";
  if (!duplicates.empty()) body += R"(,"metadata":{"duplicate_identifiers":)" + duplicates + "}";
  return body + "}";
}

struct Row {
  http::Response response;
  StatusCode code;
  Reaction reaction;
  std::string message;  // a part of it
  std::string field;
  std::optional<Duration> wait;
};

void ExpectRows(std::span<const Row> rows) {
  for (const Row& row : rows) {
    const absl::Status status = Classify(kUpdateContact, row.response);
    const std::string what = absl::StrCat(row.response.status, " ", row.response.body);
    EXPECT_EQ(status.code(), row.code) << what;
    EXPECT_EQ(ReactionOf(status), row.reaction) << what;
    EXPECT_THAT(std::string(status.message()), HasSubstr(row.message)) << what;
    EXPECT_EQ(FieldOf(status), row.field) << what;
    EXPECT_EQ(RetryAfterOf(status), row.wait) << what;
  }
}

TEST(Classify, ReadsEveryAnswer) {
  const Row kRows[] = {
      {Json(200, "{}"), StatusCode::kOk, Reaction::kNone, "", "", {}},
      {{204, {}, ""}, StatusCode::kOk, Reaction::kNone, "", "", {}},
      {{201, {}, ""}, StatusCode::kOk, Reaction::kNone, "", "", {}},
      {Html(200), StatusCode::kUnavailable, Reaction::kRetry, "could not be read", "", {}},
      {Html(302), StatusCode::kFailedPrecondition, Reaction::kPauseAccount, "api_base_url", "", {}},
      {Json(401, Body("unauthorized", "Key not found")),
       StatusCode::kUnauthenticated,
       Reaction::kPauseAccount,
       "connectors.brevo.api_key (or BREVO_API_KEY)",
       "",
       {}},
      {Json(401,
            Body("unauthorized",
                 "We have detected you are using an unrecognised IP address 203.0.113.9. ...")),
       StatusCode::kUnauthenticated,
       Reaction::kPauseAccount,
       "authorise this address",
       "",
       {}},
      {Json(402, Body("not_enough_credits", "No credits")),
       StatusCode::kFailedPrecondition,
       Reaction::kPauseAccount,
       "credits",
       "",
       {}},
      {Html(402), StatusCode::kFailedPrecondition, Reaction::kPauseAccount, "plan", "", {}},
      {Json(403, Body("permission_denied", "no")),
       StatusCode::kPermissionDenied,
       Reaction::kPauseAccount,
       "give the key access",
       "",
       {}},
      {Json(403, Body("account_under_validation", "wait")),
       StatusCode::kFailedPrecondition,
       Reaction::kPauseAccount,
       "not validated",
       "",
       {}},
      {Html(403), StatusCode::kPermissionDenied, Reaction::kPauseAccount, "blocks", "",
       minutes(15)},
      {Json(400, Body("account_in_process", "busy")), StatusCode::kUnavailable, Reaction::kRetry,
       "busy", "", minutes(1)},
      {Json(404, Body("document_not_found", "Contact does not exist")),
       StatusCode::kNotFound,
       Reaction::kGone,
       "does not exist",
       "",
       {}},
      {Html(404), StatusCode::kNotFound, Reaction::kGone, "", "", {}},
      {Json(400, Body("document_not_found", "List ID does not exist")),
       StatusCode::kNotFound,
       Reaction::kGone,
       "List ID",
       "",
       {}},
      {Json(405, Body("method_not_allowed", "no")),
       StatusCode::kInvalidArgument,
       Reaction::kFailRecord,
       "405",
       "",
       {}},
      {Json(408, ""), StatusCode::kUnavailable, Reaction::kRetry, "", "", {}},
      {Json(425, Body("x", "Too Early")), StatusCode::kUnavailable, Reaction::kRetry, "Too Early",
       "", seconds(1)},
      {Json(429, Body("too_many_requests", "slow")), StatusCode::kResourceExhausted,
       Reaction::kRetry, "slow", "", seconds(1)},
      {Json(429, "{}", {{"x-sib-ratelimit-reset", "40"}}), StatusCode::kResourceExhausted,
       Reaction::kRetry, "", "", seconds(40)},
      {Json(429, "{}", {{"x-sib-ratelimit-reset", "40"}, {"retry-after", "7"}}),
       StatusCode::kResourceExhausted, Reaction::kRetry, "", "", seconds(7)},
      {Html(500), StatusCode::kUnavailable, Reaction::kRetry, "500", "", {}},
      {{503, {{"retry-after", "9"}}, ""},
       StatusCode::kUnavailable,
       Reaction::kRetry,
       "",
       "",
       seconds(9)},
      {Json(400, Body("out_of_range", "limit exceeds")),
       StatusCode::kOutOfRange,
       Reaction::kFailRecord,
       "limit",
       "",
       {}},
      {Json(400, Body("invalid_parameter", "attributes is invalid")),
       StatusCode::kInvalidArgument,
       Reaction::kFailRecord,
       "attributes",
       "",
       {}},
      {Json(400, "not json"), StatusCode::kInvalidArgument, Reaction::kFailRecord, "400", "", {}},
      {Json(422, "{}"), StatusCode::kInvalidArgument, Reaction::kFailRecord, "422", "", {}},
      {Json(400, Body("invalid_parameter", "Invalid phone number")),
       StatusCode::kInvalidArgument,
       Reaction::kRepair,
       "phone",
       "SMS",
       {}},
      {Json(400, Body("invalid_parameter", "Invalid email address")),
       StatusCode::kInvalidArgument,
       Reaction::kFailRecord,
       "email",
       "email",
       {}},
      {Json(400, Body("invalid_parameter", "Attribute name must be unique")),
       StatusCode::kAlreadyExists,
       Reaction::kFailRecord,
       "unique",
       "",
       {}},
  };
  ExpectRows(kRows);
}

TEST(Classify, TellsWhichIdentifierIsTaken) {
  const auto conflict = [](const std::string& body, const std::string& field) {
    return Row{Json(400, body), StatusCode::kAlreadyExists, Reaction::kConflict, "", field, {}};
  };
  const std::string prefix = "Unable to update contact, ";
  const Row kRows[] = {
      conflict(Body("duplicate_parameter",
                    "Unable to create contact, SMS is already associated with another Contact",
                    R"(["SMS"])"),
               "SMS"),
      // The code changed in 2026-05; the metadata decides.
      conflict(Body("invalid_parameter",
                    prefix + "email is already associated with another Contact", R"(["email"])"),
               "email"),
      conflict(Body("invalid_parameter", "whatever", R"(["ext_id"])"), "EXT_ID"),
      conflict(Body("invalid_parameter", "whatever", R"(["WHATSAPP","SMS"])"), "WHATSAPP"),
      conflict(Body("invalid_parameter", "whatever", R"(["landline_number_id"])"),
               "LANDLINE_NUMBER"),
      conflict(Body("invalid_parameter", "whatever", R"(["phone_id"])"), "SMS"),
      conflict(Body("invalid_parameter", "whatever", R"(["other"])"), "other"),
      // Without metadata the words do, typo included.
      conflict(
          Body("duplicate_parameter", prefix + "SMS is already associate with another Contact"),
          "SMS"),
      conflict(
          Body("invalid_parameter", prefix + "email is already associated with another Contact"),
          "email"),
      conflict(Body("duplicate_parameter",
                    prefix + "SMS or EXT_ID are already associated with another Contact"),
               "SMS"),
      conflict(Body("duplicate_parameter", "SMS is already associated with another Contact"),
               "SMS"),
      conflict(Body("duplicate_parameter", "Contact already exist"), "email"),
      conflict(Body("duplicate_parameter", "no idea"), ""),
      conflict(Body("duplicate_parameter", "no idea", "7"), ""),
  };
  ExpectRows(kRows);
}

TEST(Classify, NamesOperationAndRequestId) {
  const absl::Status status = Classify(
      kGetContact,
      Json(404, Body("document_not_found", "Contact does not exist"), {{"sib-request-id", "r-1"}}));
  EXPECT_EQ(status.message(),
            "Brevo answered HTTP 404 to contacts.get: Contact does not exist (request id r-1)");
}

TEST(ClassifyReport, JudgesTheForeignHost) {
  EXPECT_TRUE(ClassifyReport({200, {{"content-type", "text/csv"}}, "a"}).ok());
  EXPECT_EQ(ReactionOf(ClassifyReport(Html(403))), Reaction::kGone);
  EXPECT_EQ(ReactionOf(ClassifyReport(Html(404))), Reaction::kGone);
  EXPECT_EQ(ReactionOf(ClassifyReport(Html(429))), Reaction::kRetry);
  EXPECT_EQ(ReactionOf(ClassifyReport(Html(503))), Reaction::kRetry);
}

}  // namespace
}  // namespace connector::brevo
