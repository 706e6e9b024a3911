#include "http/error_table.h"

#include <gtest/gtest.h>

namespace connector::http {
namespace {

using absl::StatusCode;
using Body = ErrorRule::Body;

constexpr ErrorRule kTable[] = {
    {403, 403, Body::kOther, "", "", StatusCode::kPermissionDenied, Reaction::kPauseAccount, "",
     std::chrono::hours(1), "wait"},
    {400,
     499,
     Body::kJson,
     "dup",
     "",
     StatusCode::kAlreadyExists,
     Reaction::kConflict,
     "SMS",
     {},
     ""},
    {400,
     499,
     Body::kAny,
     "",
     "bad phone",
     StatusCode::kInvalidArgument,
     Reaction::kRepair,
     "",
     {},
     ""},
};

Response Json(int status) { return {status, {{"content-type", "application/json"}}, "{}"}; }

TEST(FindRule, TakesTheFirstThatFits) {
  EXPECT_EQ(FindRule(kTable, Response{403, {{"content-type", "text/html"}}, ""}, {}), &kTable[0]);
  EXPECT_EQ(FindRule(kTable, Json(403), {"dup", "Bad Phone"}), &kTable[1]);
  EXPECT_EQ(FindRule(kTable, Json(403), {"x", "A Bad Phone"}), &kTable[2]);
  EXPECT_EQ(FindRule(kTable, Json(500), {"dup", ""}), nullptr);
  EXPECT_EQ(FindRule(kTable, Json(404), {}), nullptr);
}

TEST(RuleStatus, SaysWhatWasAnsweredAndWhatToMend) {
  const absl::Status status =
      RuleStatus(kTable[0], "Vendor", "things.list", Json(403), {"", "no\nway"}, "id 7");
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(status.message(), "Vendor answered HTTP 403 to things.list: no way; wait (id 7)");
  EXPECT_EQ(ReactionOf(status), Reaction::kPauseAccount);
  EXPECT_EQ(RetryAfterOf(status), std::chrono::hours(1));
  EXPECT_EQ(FieldOf(status), "");
  const absl::Status field = RuleStatus(kTable[1], "V", "x", Json(400), {}, "");
  EXPECT_EQ(field.message(), "V answered HTTP 400 to x");
  EXPECT_EQ(FieldOf(field), "SMS");
  EXPECT_EQ(RetryAfterOf(field), std::nullopt);
}

}  // namespace
}  // namespace connector::http
