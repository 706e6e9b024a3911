// Backoff, retry budget and circuit breaker.

#include <gtest/gtest.h>

#include <algorithm>

#include "quota/backoff.h"
#include "quota/circuit_breaker.h"
#include "quota/retry_budget.h"

namespace connector::quota {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using State = CircuitBreaker::State;

const Time kStart{hours(24 * 365 * 50)};

TEST(BackoffTest, JitterIsFullAndItsCeilingDoublesUpToTheMaximum) {
  SeededRandom random(1);
  const BackoffPolicy policy{milliseconds(100), seconds(1)};
  const Duration ceilings[] = {milliseconds(100), milliseconds(200), milliseconds(400),
                               milliseconds(800), seconds(1),        seconds(1)};
  for (int failures = 1; failures <= 6; ++failures) {
    Duration least = Duration::max();
    Duration most{};
    for (int i = 0; i < 500; ++i) {
      const Duration delay = BackoffDelay(policy, failures, std::nullopt, random);
      least = std::min(least, delay);
      most = std::max(most, delay);
    }
    EXPECT_LE(most, ceilings[failures - 1]);
    EXPECT_GT(most, ceilings[failures - 1] * 9 / 10);
    EXPECT_LT(least, ceilings[failures - 1] / 10);
  }
}

TEST(BackoffTest, RetryAfterIsNeverUndercut) {
  SeededRandom random(1);
  for (int i = 0; i < 500; ++i) {
    const Duration delay = BackoffDelay({}, 5, seconds(40), random);
    EXPECT_GE(delay, seconds(40));
    EXPECT_LE(delay, seconds(40) + BackoffPolicy{}.initial);
  }
}

TEST(BackoffTest, ExtremesDoNotOverflow) {
  SeededRandom random(1);
  EXPECT_LE(BackoffDelay({}, 1'000'000, std::nullopt, random), BackoffPolicy{}.max);
  EXPECT_GE(BackoffDelay({}, 0, seconds(-5), random), Duration::zero());
}

TEST(RetryBudgetTest, DrainsUnderFailureAndThenDelays) {
  RetryBudget budget({.capacity = 3, .per_success = 0.5, .per_second = 1});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(budget.TakeRetry(kStart), Duration::zero());
  EXPECT_EQ(budget.TakeRetry(kStart), Duration(seconds(1)));
  EXPECT_EQ(budget.TakeRetry(kStart), Duration(seconds(2))) << "each later one waits longer";
  EXPECT_EQ(budget.TakeRetry(kStart + seconds(10)), Duration::zero()) << "time brings them back";
}

TEST(RetryBudgetTest, SuccessesPayForRetries) {
  RetryBudget budget({.capacity = 10, .per_success = 0.5, .per_second = 0.001});
  for (int i = 0; i < 1000; ++i) {
    budget.OnSuccess(kStart);
    budget.OnSuccess(kStart);
    EXPECT_EQ(budget.TakeRetry(kStart), Duration::zero());
  }
}

TEST(RetryBudgetTest, TheDelayIsBounded) {
  RetryBudget budget({.capacity = 1, .longest_delay = seconds(30)});
  for (int i = 0; i < 1000; ++i) EXPECT_LE(budget.TakeRetry(kStart), seconds(30));
}

TEST(CircuitBreakerTest, OpensAboveHalfOfEnoughCalls) {
  CircuitBreaker breaker({});
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(breaker.OnSuccess(kStart));
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(breaker.OnFailure(kStart)) << "half is not more than";
  EXPECT_EQ(breaker.Admit(kStart), Duration::zero());
  EXPECT_TRUE(breaker.OnFailure(kStart));
  EXPECT_EQ(breaker.state(kStart), State::kOpen);
  EXPECT_EQ(breaker.Admit(kStart + seconds(4)), Duration(seconds(6)));
}

TEST(CircuitBreakerTest, AFewFailuresAreNotEnough) {
  CircuitBreaker breaker({});
  for (int i = 0; i < 19; ++i) EXPECT_FALSE(breaker.OnFailure(kStart));
  EXPECT_TRUE(breaker.OnFailure(kStart));
}

TEST(CircuitBreakerTest, OldCallsAreForgotten) {
  CircuitBreaker breaker({});
  for (int i = 0; i < 19; ++i) breaker.OnFailure(kStart);
  EXPECT_FALSE(breaker.OnFailure(kStart + minutes(2)));
}

class OpenBreaker : public ::testing::Test {
 protected:
  OpenBreaker() {
    for (int i = 0; i < 20; ++i) breaker_.OnFailure(kStart);
  }
  CircuitBreaker breaker_{{}};
};

TEST_F(OpenBreaker, OneProbeAtATimeAndItsSuccessCloses) {
  const Time now = kStart + seconds(10);
  EXPECT_EQ(breaker_.Admit(now), Duration::zero());
  EXPECT_EQ(breaker_.state(now), State::kHalfOpen);
  EXPECT_GT(breaker_.Admit(now), Duration::zero());
  EXPECT_TRUE(breaker_.OnSuccess(now));
  EXPECT_EQ(breaker_.state(now), State::kClosed);
  EXPECT_EQ(breaker_.Admit(now), Duration::zero());
}

TEST_F(OpenBreaker, AFailedProbeOpensForTwiceAsLongUpToABound) {
  Time now = kStart;
  for (const int open_seconds : {10, 20, 40, 80, 120, 120}) {
    EXPECT_EQ(breaker_.Admit(now), Duration(seconds(open_seconds)));
    now += seconds(open_seconds);
    EXPECT_EQ(breaker_.Admit(now), Duration::zero());
    EXPECT_TRUE(breaker_.OnFailure(now));
  }
}

TEST_F(OpenBreaker, AProbeThatWasNotMadeLeavesRoomForAnother) {
  const Time now = kStart + seconds(10);
  EXPECT_EQ(breaker_.Admit(now), Duration::zero());
  breaker_.OnNotMade(now);
  EXPECT_EQ(breaker_.Admit(now), Duration::zero());
}

TEST_F(OpenBreaker, AProbeThatIsNeverReportedIsForgotten) {
  const Time now = kStart + seconds(10);
  EXPECT_EQ(breaker_.Admit(now), Duration::zero());
  EXPECT_EQ(breaker_.Admit(now + minutes(3)), Duration::zero());
}

}  // namespace
}  // namespace connector::quota
