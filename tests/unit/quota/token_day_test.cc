#include "quota/token_day.h"

#include <gtest/gtest.h>

namespace connector::quota {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

const Time kMidnight{hours(24 * 365 * 50)};
constexpr bool kRealTime = true;
constexpr bool kOther = false;

TEST(TokenDayTest, CountsWhatIsSpentAndInFlight) {
  TokenDay day(100, /*enforced=*/true, 0);
  day.Take(60, kMidnight);
  EXPECT_EQ(day.Remaining(kMidnight), 40);
  EXPECT_EQ(day.FreeAt(40, kRealTime, kMidnight), kMidnight);
  day.Answered(60, kMidnight);
  EXPECT_EQ(day.Remaining(kMidnight), 40);
  EXPECT_EQ(day.SpentToday(kMidnight), 60);
  day.Take(40, kMidnight);
  day.NotSent(40);
  EXPECT_EQ(day.Remaining(kMidnight), 40);
  EXPECT_TRUE(day.estimate());
}

TEST(TokenDayTest, AnAssumedLimitDoesNotBindUntilAHeaderShowsIt) {
  TokenDay day(100, /*enforced=*/false, 0.1);
  day.Take(100, kMidnight);
  day.Answered(100, kMidnight);
  EXPECT_EQ(day.FreeAt(10, kOther, kMidnight), kMidnight);
  day.Observe(5000, 5, kMidnight);
  EXPECT_FALSE(day.estimate());
  EXPECT_EQ(day.limit(), 5000);
  EXPECT_GT(day.FreeAt(10, kRealTime, kMidnight), kMidnight);
}

TEST(TokenDayTest, TheHeaderIsBelievedDownwardsAndForANewDay) {
  TokenDay day(1000, true, 0);
  day.Observe(1000, 800, kMidnight);
  EXPECT_EQ(day.Remaining(kMidnight), 800);
  day.Observe(1000, 850, kMidnight);
  EXPECT_EQ(day.Remaining(kMidnight), 800) << "an answer that was overtaken";
  day.Observe(1000, 700, kMidnight);
  EXPECT_EQ(day.Remaining(kMidnight), 700);
  day.Observe(1000, 1000, kMidnight + hours(5));
  EXPECT_EQ(day.Remaining(kMidnight + hours(5)), 1000) << "midnight in the vendor's zone";
}

TEST(TokenDayTest, WithTooFewTokensOneCallAnHourFindsOut) {
  TokenDay day(1000, true, 0);
  day.Observe(1000, 3, kMidnight);
  EXPECT_EQ(day.FreeAt(10, kRealTime, kMidnight), kMidnight + hours(1));
  const Time later = kMidnight + hours(1);
  EXPECT_EQ(day.FreeAt(10, kRealTime, later), later);
  day.Take(10, later);
  EXPECT_EQ(day.FreeAt(10, kRealTime, later), later + hours(1));
  EXPECT_EQ(day.FreeAt(0, kRealTime, later), later) << "what is free of charge is not held";
}

TEST(TokenDayTest, ANewDayIsAssumedAtMidnightUtc) {
  TokenDay day(1000, true, 0);
  const Time evening = kMidnight + hours(23) + minutes(30);
  day.Exhausted(evening);
  EXPECT_EQ(day.FreeAt(10, kRealTime, evening), kMidnight + hours(24));
  EXPECT_EQ(day.ResetAt(evening), kMidnight + hours(24));
  EXPECT_EQ(day.FreeAt(10, kRealTime, kMidnight + hours(24)), kMidnight + hours(24));
  EXPECT_EQ(day.SpentToday(kMidnight + hours(24)), 0);
}

TEST(TokenDayTest, OtherWorkLeavesAShareThatShrinksByTheHour) {
  TokenDay day(1000, true, 0.1);
  const Time noon = kMidnight + hours(12);  // half of the share is kept
  day.Observe(1000, 60, noon);
  EXPECT_EQ(day.FreeAt(10, kOther, noon), noon);
  const Time at = day.FreeAt(20, kOther, noon);
  EXPECT_GT(at, noon);
  EXPECT_LT(at, kMidnight + hours(24));
  EXPECT_EQ(day.FreeAt(20, kOther, at + milliseconds(1)), at + milliseconds(1));
  EXPECT_EQ(day.FreeAt(60, kRealTime, noon), noon);
}

TEST(TokenDayTest, AbsurdHeadersAreIgnored) {
  TokenDay day(1000, true, 0);
  day.Observe(int64_t{1} << 60, int64_t{1} << 60, kMidnight);
  EXPECT_EQ(day.limit(), 1000);
  EXPECT_EQ(day.Remaining(kMidnight), 1000);
  day.Observe(0, std::nullopt, kMidnight);
  EXPECT_EQ(day.limit(), 1000);
}

TEST(TokenDayTest, TheRateIsThatOfTheLastMinutes) {
  TokenDay day(100'000, true, 0);
  Time now = kMidnight;
  for (int i = 0; i < 1200; ++i) {
    now += std::chrono::seconds(1);
    day.Take(10, now);
    day.Answered(10, now);
  }
  EXPECT_NEAR(day.Rate(now), 10, 0.5);
  EXPECT_EQ(day.Rate(now + hours(1)), 0);
}

}  // namespace
}  // namespace connector::quota
