#include "base/clock.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

namespace connector {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(ManualClockTest, StandsStillUntilMoved) {
  ManualClock clock;
  const Time start = clock.Now();
  EXPECT_EQ(clock.Now(), start);
  clock.Advance(seconds(3));
  EXPECT_EQ(clock.Now(), start + seconds(3));
  clock.Set(start);
  EXPECT_EQ(clock.Now(), start);
}

TEST(ManualClockTest, ASleepMovesItAtOnce) {
  ManualClock clock;
  const Time start = clock.Now();
  EXPECT_TRUE(clock.SleepFor(hours(5), {}));
  EXPECT_EQ(clock.Now(), start + hours(5));
  EXPECT_TRUE(clock.SleepFor(-seconds(1), {}));
  EXPECT_EQ(clock.Now(), start + hours(5));
}

TEST(ManualClockTest, AStoppedSleepMovesNothing) {
  ManualClock clock;
  const Time start = clock.Now();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(clock.SleepFor(hours(5), stop.get_token()));
  EXPECT_EQ(clock.Now(), start);
}

TEST(ManualClockTest, AWaitThatNobodyEndsMovesIt) {
  ManualClock clock;
  const Time start = clock.Now();
  std::mutex mutex;
  std::condition_variable cv;
  std::unique_lock lock(mutex);
  while (clock.Now() == start) clock.WaitFor(cv, lock, seconds(9));
  EXPECT_EQ(clock.Now(), start + seconds(9));
}

TEST(SystemClockTest, AStopEndsASleep) {
  SystemClock clock;
  std::stop_source stop;
  std::jthread stopper([&stop] { stop.request_stop(); });
  EXPECT_FALSE(clock.SleepFor(hours(1), stop.get_token()));
}

TEST(SystemClockTest, ANegativeSleepEndsAtOnce) {
  SystemClock clock;
  EXPECT_TRUE(clock.SleepFor(-hours(1), {}));
}

TEST(SystemClockTest, TwoWithTheSameNumbersShareOneFastTime) {
  const Time origin = SystemClock().Now() - hours(1);
  const SystemClock fast(100, origin);
  const SystemClock same(100, origin);
  const Time one = fast.Now();
  const Time two = same.Now();
  EXPECT_GE(one, origin + hours(100));
  EXPECT_GE(two, one);
  EXPECT_LT(two - one, hours(1)) << "36 s of real time passed between two readings";
  EXPECT_EQ(fast.ToReal(seconds(100)), Duration(seconds(1)));
  EXPECT_EQ(SystemClock().ToReal(seconds(100)), Duration(seconds(100)));
}

}  // namespace
}  // namespace connector
