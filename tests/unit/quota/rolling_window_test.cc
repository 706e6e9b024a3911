#include "quota/rolling_window.h"

#include <gtest/gtest.h>

#include <vector>

namespace connector::quota {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Claim = RollingWindow::Claim;
using Holder = RollingWindow::Holder;

const Time kStart{hours(24 * 365 * 50)};
constexpr Claim kRealTime{.real_time = true};
constexpr Claim kBackfill{};

WindowLimit Limit(int64_t calls, Duration window = seconds(2)) {
  return {"burst", calls, window, {Family::kPipedriveGeneral}};
}

TEST(RollingWindowTest, ASlotIsFreeOneWindowAfterItsAnswerAndNotBefore) {
  RollingWindow window(Limit(1), {});
  const Holder holder = window.Take(kRealTime, kStart);
  EXPECT_EQ(window.FreeAt(kRealTime, kStart), kStart + seconds(2)) << "no answer can be earlier";
  const Time answered = kStart + milliseconds(300);
  EXPECT_EQ(window.FreeAt(kRealTime, answered), answered + seconds(2)) << "still in flight";
  window.Answered(holder, answered);
  EXPECT_EQ(window.FreeAt(kRealTime, answered), answered + seconds(2));
  const Time last = answered + seconds(2) - microseconds(1);
  EXPECT_EQ(window.FreeAt(kRealTime, last), answered + seconds(2));
  EXPECT_EQ(window.FreeAt(kRealTime, answered + seconds(2)), answered + seconds(2));
}

TEST(RollingWindowTest, ACallInFlightKeepsItsSlotHoweverLong) {
  RollingWindow window(Limit(1), {});
  window.Take(kRealTime, kStart);
  const Time later = kStart + seconds(50);
  EXPECT_GT(window.FreeAt(kRealTime, later), later);
  EXPECT_EQ(window.InUse(later), 1);
}

TEST(RollingWindowTest, WhatNeverLeftFreesItsSlotAtOnce) {
  RollingWindow window(Limit(1), {});
  window.NotSent(window.Take(kRealTime, kStart));
  EXPECT_EQ(window.FreeAt(kRealTime, kStart), kStart);
}

TEST(RollingWindowTest, WhoIsBehindOthersGetsALaterSlot) {
  RollingWindow window(Limit(2), {});
  window.Answered(window.Take(kRealTime, kStart), kStart);
  window.Answered(window.Take(kRealTime, kStart), kStart + seconds(1));
  const Time now = kStart + seconds(1);
  EXPECT_EQ(window.FreeAt(kRealTime, now), kStart + seconds(2));
  EXPECT_EQ(window.FreeAt({.real_time = true, .ahead = 1}, now), kStart + seconds(3));
}

TEST(RollingWindowTest, OtherWorkEntersTheReserveOnLoanOneByOne) {
  RollingWindow window(Limit(20), {.share = 0.2});
  for (int i = 0; i < 16; ++i) EXPECT_EQ(window.Take(kBackfill, kStart), Holder::kOther);
  // Four are kept: lent half a second apart.
  for (int i = 0; i < 4; ++i) {
    const Time now = kStart + i * milliseconds(500);
    EXPECT_EQ(window.FreeAt(kBackfill, now), now);
    EXPECT_EQ(window.Take(kBackfill, now), Holder::kLoan);
    if (i == 3) break;
    EXPECT_EQ(window.FreeAt(kBackfill, now), now + milliseconds(500));
    EXPECT_EQ(window.FreeAt(kRealTime, now), now) << "real-time work needs no loan";
  }
  EXPECT_GT(window.FreeAt(kBackfill, kStart + seconds(2)), kStart + seconds(2));
}

TEST(RollingWindowTest, TheReserveThatRealTimeWorkUsesIsNotKeptTwice) {
  RollingWindow window(Limit(20), {.share = 0.2, .lend = false});
  for (int i = 0; i < 4; ++i) window.Take(kRealTime, kStart);
  for (int i = 0; i < 16; ++i) {
    EXPECT_EQ(window.FreeAt(kBackfill, kStart), kStart) << i;
    window.Take(kBackfill, kStart);
  }
}

TEST(RollingWindowTest, AReserveThatIsNotLentIsNeverEntered) {
  RollingWindow window(Limit(20), {.share = 0.2, .lend = false});
  for (int i = 0; i < 16; ++i) window.Take(kBackfill, kStart);
  const Time later = kStart + seconds(30);
  EXPECT_GT(window.FreeAt(kBackfill, later), later);
  EXPECT_EQ(window.FreeAt(kRealTime, later), later);
}

TEST(RollingWindowTest, ALargeWindowHasACoreThatIsNeverLent) {
  RollingWindow window(Limit(100), {.share = 0.2});
  Time now = kStart;
  int taken = 0;
  while (window.FreeAt(kBackfill, now) < now + seconds(2)) {
    now = window.FreeAt(kBackfill, now);
    window.Take(kBackfill, now);
    ++taken;
  }
  EXPECT_EQ(taken, 98);
  EXPECT_EQ(window.FreeAt(kRealTime, now), now);
}

TEST(RollingWindowTest, AWindowOfOneHasNoReserve) {
  RollingWindow window(Limit(1), {.share = 0.2, .lend = false});
  EXPECT_EQ(window.FreeAt(kBackfill, kStart), kStart);
}

// The vendor counted when the call arrived; by the time of its answer some of ours have come free.
TEST(RollingWindowTest, OursThatCameFreeMeanwhileAreNotTakenForOthers) {
  RollingWindow window(Limit(10), {});
  for (int i = 0; i < 9; ++i) window.Answered(window.Take(kRealTime, kStart), kStart);
  const Time sent = kStart + milliseconds(1950);
  const Time answered = kStart + milliseconds(2050);
  const Holder holder = window.Take(kRealTime, sent);
  window.Answered(holder, answered);
  window.Observe({.remaining = 0, .sent = sent}, answered);  // it still counted all nine
  EXPECT_EQ(window.Capacity(answered), 10);
  // Sent later, the same answer could not mean ours.
  window.Observe({.remaining = 0, .sent = kStart + milliseconds(2000)}, answered);
  EXPECT_LE(window.Capacity(answered), 1);
}

TEST(RollingWindowTest, OthersUseIsLeftToThem) {
  RollingWindow window(Limit(20), {});
  const Holder holder = window.Take(kRealTime, kStart);
  window.Answered(holder, kStart);
  window.Observe({.remaining = 14, .reset = seconds(2), .sent = kStart},
                 kStart);  // 6 used, one of them ours
  EXPECT_EQ(window.Capacity(kStart), 20 - 5 - 1);
  EXPECT_EQ(window.Capacity(kStart + seconds(30)), 20) << "they were not seen again";
}

TEST(RollingWindowTest, SenselessFiguresAreIgnored) {
  RollingWindow window(Limit(20), {});
  window.Answered(window.Take(kRealTime, kStart), kStart);
  window.Observe({.remaining = 21, .reset = hours(9999), .sent = kStart}, kStart);
  window.Observe({.remaining = std::nullopt, .reset = std::nullopt, .sent = kStart}, kStart);
  EXPECT_EQ(window.Capacity(kStart), 20);
}

TEST(RollingWindowTest, AnHourlyWindowKnowsAfterARestartWhatWasSpentBefore) {
  RollingWindow window(Limit(100, hours(1)), {});
  window.Answered(window.Take(kRealTime, kStart), kStart);
  window.Observe({.remaining = 30, .reset = std::chrono::minutes(10), .sent = kStart}, kStart);
  EXPECT_EQ(window.Capacity(kStart), 31);
  EXPECT_EQ(window.Capacity(kStart + std::chrono::minutes(10)), 100);
}

TEST(RollingWindowTest, ABlockHoldsEveryoneAndIsBounded) {
  RollingWindow window(Limit(20), {});
  window.BlockUntil(kStart + seconds(5));
  EXPECT_EQ(window.FreeAt(kRealTime, kStart), kStart + seconds(5));
  window.BlockUntil(kStart + hours(1000));
  EXPECT_EQ(window.FreeAt(kRealTime, kStart), kStart + hours(1));
}

TEST(RollingWindowTest, MembersGetEqualParts) {
  RollingWindow window(Limit(20), {});
  window.SetMembers(3);
  EXPECT_EQ(window.Capacity(kStart), 6);
  window.Answered(window.Take(kRealTime, kStart), kStart);
  window.Observe({.remaining = 6, .reset = seconds(2), .sent = kStart},
                 kStart);  // 14 used: those of the other members
  EXPECT_EQ(window.Capacity(kStart), 6);
}

TEST(RollingWindowTest, AClockThatStepsBackCostsAtMostAWindow) {
  RollingWindow window(Limit(1), {});
  window.Answered(window.Take(kRealTime, kStart), kStart);
  const Time before = kStart - hours(3);
  EXPECT_LE(window.FreeAt(kRealTime, before), before + seconds(2));
}

TEST(RollingWindowTest, AnHourOfManyCallsIsKeptInFewEntries) {
  RollingWindow window(Limit(72'000, hours(1)), {});
  Time now = kStart;
  for (int i = 0; i < 72'000; ++i) {
    now += milliseconds(50);
    ASSERT_EQ(window.FreeAt(kRealTime, now), now);
    window.Answered(window.Take(kRealTime, now), now);
  }
  EXPECT_GE(window.InUse(now), 71'900);
}

}  // namespace
}  // namespace connector::quota
