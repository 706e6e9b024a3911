// Secrets, status payloads, strings and randomness.

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/secret.h"
#include "base/status.h"
#include "base/strings.h"

namespace connector {
namespace {

using std::chrono::seconds;

TEST(SecretTest, PrintsNothingOfItself) {
  std::ostringstream out;
  out << Secret("xkeysib-123") << ' ' << Secret();
  EXPECT_EQ(out.str(), "*** (not set)");
  EXPECT_EQ(Secret("xkeysib-123").Reveal(), "xkeysib-123");
  static_assert(!std::is_convertible_v<Secret, std::string>);
  static_assert(!std::is_convertible_v<std::string, Secret>);
}

TEST(SecretTest, MatchesOnlyItself) {
  const Secret secret("abc");
  EXPECT_TRUE(secret.Matches("abc"));
  for (const char* other : {"", "a", "ab", "abd", "abcd", "abcabc", "ABC"}) {
    EXPECT_FALSE(secret.Matches(other)) << other;
  }
  EXPECT_FALSE(Secret().Matches("")) << "an empty secret closes the door";
}

TEST(StatusTest, CarriesReactionRetryAfterAndField) {
  absl::Status status = absl::UnavailableError("down");
  EXPECT_EQ(ReactionOf(status), Reaction::kNone);
  EXPECT_EQ(RetryAfterOf(status), std::nullopt);
  EXPECT_EQ(FieldOf(status), "");
  status = WithField(WithRetryAfter(WithReaction(status, Reaction::kRetry), seconds(7)), "SMS");
  EXPECT_EQ(ReactionOf(status), Reaction::kRetry);
  EXPECT_EQ(RetryAfterOf(status), Duration(seconds(7)));
  EXPECT_EQ(FieldOf(status), "SMS");
  EXPECT_EQ(ReactionOf(WithReaction(status, Reaction::kAmbiguous)), Reaction::kAmbiguous);
}

TEST(StatusTest, AnnotatingKeepsCodeAndPayloads) {
  const absl::Status status = WithReaction(absl::NotFoundError("gone"), Reaction::kGone);
  const absl::Status annotated = Annotate(status, "person 7");
  EXPECT_EQ(annotated.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(annotated.message(), "person 7: gone");
  EXPECT_EQ(ReactionOf(annotated), Reaction::kGone);
  EXPECT_TRUE(Annotate(absl::OkStatus(), "x").ok());
}

TEST(StatusTest, AnOkStatusCarriesNothing) {
  EXPECT_TRUE(WithReaction(absl::OkStatus(), Reaction::kRetry).ok());
  EXPECT_EQ(ReactionOf(absl::OkStatus()), Reaction::kNone);
}

TEST(StatusTest, EveryReactionHasItsOwnName) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Reaction::kAmbiguous); ++i) {
    names.insert(ReactionName(static_cast<Reaction>(i)));
  }
  EXPECT_EQ(names.size(), 8u);
  EXPECT_EQ(ReactionName(Reaction::kPauseAccount), "pause_account");
}

absl::Status FailIf(bool fail) { return fail ? absl::AbortedError("no") : absl::OkStatus(); }

absl::StatusOr<std::unique_ptr<int>> Make(bool fail) {
  CONNECTOR_RETURN_IF_ERROR(FailIf(fail));
  return std::make_unique<int>(3);
}

absl::StatusOr<int> Use(bool fail) {
  CONNECTOR_ASSIGN_OR_RETURN(const auto made, Make(fail));
  CONNECTOR_ASSIGN_OR_RETURN(const auto again, Make(false));
  return *made + *again;
}

TEST(StatusTest, MacrosReturnTheFirstError) {
  EXPECT_EQ(*Use(false), 6);
  EXPECT_EQ(Use(true).status().code(), absl::StatusCode::kAborted);
}

TEST(StringsTest, LowersAsciiOnlyAndTrims) {
  EXPECT_EQ(AsciiLower("X-Rate LIMIT Zo\xc3\x8b"), "x-rate limit zo\xc3\x8b");
  EXPECT_EQ(Trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(Trim(" \n "), "");
  EXPECT_EQ(Trim(""), "");
}

TEST(StringsTest, EditDistance) {
  EXPECT_EQ(EditDistance("", ""), 0u);
  EXPECT_EQ(EditDistance("abc", ""), 3u);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3u);
  EXPECT_EQ(EditDistance("api_token", "api_tokn"), 1u);
}

TEST(StringsTest, NearestWordForgivesSlipsOnly) {
  const std::vector<std::string_view> words = {"api_token", "company_domain", "enabled"};
  EXPECT_EQ(NearestWord("api_tokn", words), "api_token");
  EXPECT_EQ(NearestWord("enable", words), "enabled");
  EXPECT_EQ(NearestWord("webhooks", words), "");
  EXPECT_EQ(NearestWord("x", std::vector<std::string_view>{}), "");
}

TEST(StringsTest, ViewsCrossTheBridgeUnchanged) {
  const std::string text("a\0b", 3);
  EXPECT_EQ(ToStd(ToAbsl(text)), text);
}

TEST(RandomTest, StaysBelowItsBoundAndRepeatsForASeed) {
  SeededRandom one(5);
  SeededRandom two(5);
  SystemRandom system;
  for (int i = 0; i < 1000; ++i) {
    const uint64_t number = one.Below(7);
    EXPECT_LT(number, 7u);
    EXPECT_EQ(number, two.Below(7));
    EXPECT_LT(system.Below(3), 3u);
  }
  EXPECT_EQ(one.Below(0), 0u);
  EXPECT_EQ(one.Below(1), 0u);
}

TEST(RandomTest, HexHasTwoLettersAByte) {
  SystemRandom random;
  const std::string hex = random.Hex(16);
  EXPECT_EQ(hex.size(), 32u);
  EXPECT_EQ(hex.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_NE(hex, random.Hex(16));
  EXPECT_EQ(random.Hex(0), "");
}

}  // namespace
}  // namespace connector
