// The edges of the windows, by a clock that only the tests move.
#include <gtest/gtest.h>

#include "sandbox/rate_limits.h"

namespace sandbox {
namespace {

constexpr Micros kStart = 1'800'000'000 * kSecond;

Options PlanOf(const char* plan) {
  Options options;
  options.plan = plan;
  return options;
}

TEST(RollingWindowTest, SlotIsFreeExactlyOneWindowAfterItWasTaken) {
  RollingWindow window(2, 2 * kSecond);
  window.Take(kStart);
  window.Take(kStart + 1);
  EXPECT_TRUE(window.Full(kStart + 2 * kSecond - 1));
  EXPECT_FALSE(window.Full(kStart + 2 * kSecond));
  EXPECT_EQ(window.Remaining(kStart + 2 * kSecond), 1);
}

TEST(RollingWindowTest, ResetIsRoundedUpToWholeSeconds) {
  RollingWindow window(1, 2 * kSecond);
  EXPECT_EQ(window.ResetSeconds(kStart), 0);
  window.Take(kStart);
  EXPECT_EQ(window.ResetSeconds(kStart), 2);
  EXPECT_EQ(window.ResetSeconds(kStart + 999'999), 2);
  EXPECT_EQ(window.ResetSeconds(kStart + 1'000'000), 1);
}

TEST(PipedriveLimitsTest, BurstRollsInsteadOfStartingAnew) {
  const Options options = PlanOf("lite");
  PipedriveLimits limits(options);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(limits.Admit("t", false, false, 1, kStart + kSecond).verdict, Verdict::kPass);
  }
  EXPECT_EQ(limits.Admit("t", false, false, 1, kStart + 2 * kSecond).verdict, Verdict::kBurst);
  EXPECT_EQ(limits.Admit("t", false, false, 1, kStart + 3 * kSecond).verdict, Verdict::kPass);
}

TEST(PipedriveLimitsTest, OauthHasItsOwnAndLargerWindow) {
  const Options options = PlanOf("lite");
  PipedriveLimits limits(options);
  for (int i = 0; i < 80; ++i) {
    EXPECT_EQ(limits.Admit("oauth", true, false, 1, kStart).verdict, Verdict::kPass);
  }
  EXPECT_EQ(limits.Admit("oauth", true, false, 1, kStart).verdict, Verdict::kBurst);
  EXPECT_EQ(limits.Admit("token", false, false, 1, kStart).verdict, Verdict::kPass);
}

TEST(PipedriveLimitsTest, SearchIsTenInTwoSecondsOnEveryPlan) {
  const Options options = PlanOf("ultimate");
  PipedriveLimits limits(options);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(limits.Admit("t", false, true, 20, kStart).verdict, Verdict::kPass);
  }
  EXPECT_EQ(limits.Admit("t", false, true, 20, kStart).verdict, Verdict::kSearch);
  EXPECT_EQ(limits.Admit("t", false, false, 10, kStart).verdict, Verdict::kPass);
}

TEST(PipedriveLimitsTest, DailyTokensAreGoneUntilMidnightUtc) {
  const Options options = PlanOf("lite");
  PipedriveLimits limits(options);
  const Micros midnight = (kStart / (86'400 * kSecond) + 1) * 86'400 * kSecond;
  EXPECT_EQ(limits.Admit("t", false, false, 29'999, kStart).verdict, Verdict::kPass);
  const Judgement refused = limits.Admit("t", false, false, 2, kStart);
  EXPECT_EQ(refused.verdict, Verdict::kDaily);
  EXPECT_EQ(refused.headers.back().second, "1");
  EXPECT_EQ(limits.Admit("t", false, false, 2, midnight - 1).verdict, Verdict::kDaily);
  EXPECT_EQ(limits.Admit("t", false, false, 2, midnight).verdict, Verdict::kPass);
}

TEST(PipedriveLimitsTest, WhoGoesOnAfterRefusalsIsBlockedAtTheEdge) {
  Options options = PlanOf("lite");
  options.edge_block_s = 60;
  PipedriveLimits limits(options);
  for (int i = 0; i < 20; ++i) limits.Admit("t", false, false, 1, kStart);
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(limits.Admit("t", false, false, 1, kStart).verdict, Verdict::kBurst);
  }
  EXPECT_EQ(limits.Admit("t", false, false, 1, kStart + 10 * kSecond).verdict, Verdict::kBlocked);
  EXPECT_EQ(limits.Admit("t", false, false, 1, kStart + 60 * kSecond).verdict, Verdict::kPass);
}

TEST(PipedriveLimitsTest, RefusalsFarApartDoNotBlock) {
  const Options options = PlanOf("lite");
  PipedriveLimits limits(options);
  for (int round = 0; round < 10; ++round) {
    const Micros now = kStart + round * 10 * kSecond;
    for (int i = 0; i < 20; ++i) limits.Admit("t", false, false, 1, now);
    EXPECT_EQ(limits.Admit("t", false, false, 1, now).verdict, Verdict::kBurst);
  }
}

TEST(BrevoLimitsTest, EveryPathHasItsBucket) {
  EXPECT_EQ(BrevoLimits::BucketOf("GET", "/v3/contacts"), "contacts");
  EXPECT_EQ(BrevoLimits::BucketOf("POST", "/v3/contacts/import"), "contacts");
  EXPECT_EQ(BrevoLimits::BucketOf("POST", "/v3/events"), "events");
  EXPECT_EQ(BrevoLimits::BucketOf("POST", "/v3/events/batch"), "other");
  EXPECT_EQ(BrevoLimits::BucketOf("GET", "/v3/events"), "other");
  EXPECT_EQ(BrevoLimits::BucketOf("GET", "/v3/processes"), "other");
}

TEST(BrevoLimitsTest, TenContactsCallsASecond) {
  const Options options;
  BrevoLimits limits(options);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(limits.Admit("contacts", kStart).verdict, Verdict::kPass);
  }
  EXPECT_EQ(limits.Admit("contacts", kStart + kSecond - 1).verdict, Verdict::kBurst);
  EXPECT_EQ(limits.Admit("contacts", kStart + kSecond).verdict, Verdict::kPass);
}

TEST(BrevoLimitsTest, AHundredOtherCallsAnHour) {
  const Options options;
  BrevoLimits limits(options);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(limits.Admit("other", kStart).verdict, Verdict::kPass);
  }
  const Judgement refused = limits.Admit("other", kStart + 60 * kSecond);
  EXPECT_EQ(refused.verdict, Verdict::kHour);
  EXPECT_EQ(refused.headers[2].second, "3540");  // seconds to go, not an epoch
  EXPECT_EQ(limits.Admit("other", kStart + 3600 * kSecond).verdict, Verdict::kPass);
}

}  // namespace
}  // namespace sandbox
