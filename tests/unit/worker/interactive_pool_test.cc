#include "worker/interactive_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>

#include "base/status.h"

namespace connector::worker {
namespace {

using std::chrono::seconds;

constexpr auto kNothing = [](const std::stop_token&) {};

class InteractivePoolTest : public ::testing::Test {
 protected:
  // Occupies a thread until `release` is called; returns when it has one.
  void Occupy(InteractivePool& pool) {
    std::promise<void> entered;
    const absl::Status posted = pool.Post(Time::max(), [this, &entered](const std::stop_token&) {
      entered.set_value();
      gate_.wait();
    });
    ASSERT_TRUE(posted.ok()) << posted;
    entered.get_future().wait();
  }
  void Release() { open_.set_value(); }

  // Posts a work that takes so long, and waits for its end.
  void Take(InteractivePool& pool, Duration duration) {
    std::promise<void> done;
    const absl::Status posted = pool.Post(Time::max(), [&](const std::stop_token&) {
      clock_.Advance(duration);
      done.set_value();
    });
    ASSERT_TRUE(posted.ok()) << posted;
    done.get_future().wait();
  }

  ManualClock clock_;
  std::promise<void> open_;
  const std::shared_future<void> gate_ = open_.get_future().share();
};

TEST_F(InteractivePoolTest, RunsEveryWorkOnceOnThreadsOfItsOwn) {
  InteractivePool pool({.threads = 4}, clock_);
  pool.Start();
  std::atomic<int> runs = 0;
  std::mutex mutex;
  std::set<std::thread::id> threads;
  for (int i = 0; i < 200; ++i) {
    const absl::Status posted = pool.Post(Time::max(), [&](const std::stop_token& stop) {
      EXPECT_TRUE(stop.stop_possible());
      ++runs;
      const std::lock_guard lock(mutex);
      threads.insert(std::this_thread::get_id());
    });
    EXPECT_TRUE(posted.ok()) << posted;
  }
  pool.Stop();
  EXPECT_EQ(runs, 200);
  EXPECT_EQ(threads.count(std::this_thread::get_id()), 0u);
  EXPECT_LE(threads.size(), 4u);
}

TEST_F(InteractivePoolTest, AFullQueueRefusesAtOnce) {
  InteractivePool pool({.threads = 1, .queue = 2}, clock_);
  pool.Start();
  Occupy(pool);
  EXPECT_TRUE(pool.Post(Time::max(), kNothing).ok());
  EXPECT_TRUE(pool.Post(Time::max(), kNothing).ok());
  const absl::Status refused = pool.Post(Time::max(), kNothing);
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_EQ(ReactionOf(refused), Reaction::kRetry);
  EXPECT_GT(RetryAfterOf(refused), Duration::zero());
  Release();
  pool.Stop();
}

TEST_F(InteractivePoolTest, WhatCannotBeginInTimeIsRefusedAtOnce) {
  InteractivePool pool({.threads = 1}, clock_);
  pool.Start();
  Take(pool, seconds(4));
  const Time now = clock_.Now();
  Occupy(pool);
  EXPECT_TRUE(pool.Post(now + seconds(5), kNothing).ok());
  const absl::Status refused = pool.Post(now + seconds(8), kNothing);
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_EQ(RetryAfterOf(refused), seconds(8)) << "one before it, and the one at work";
  EXPECT_TRUE(pool.Post(now + seconds(9), kNothing).ok());
  Release();
  pool.Stop();
}

TEST_F(InteractivePoolTest, AnIdleThreadTakesWhatIsShortOfTime) {
  InteractivePool pool({.threads = 2}, clock_);
  pool.Start();
  Take(pool, seconds(60));
  Occupy(pool);
  Take(pool, seconds(0));
  std::promise<void> done;
  EXPECT_TRUE(
      pool.Post(clock_.Now() + seconds(1), [&](const std::stop_token&) { done.set_value(); }).ok());
  done.get_future().wait();
  Release();
}

TEST_F(InteractivePoolTest, StopEndsWhatRunsAndRunsWhatWaits) {
  InteractivePool pool({.threads = 1}, clock_);
  pool.Start();
  std::promise<void> entered;
  std::atomic<int> told = 0;
  const auto wait_for_stop = [&](const std::stop_token& stop) {
    std::promise<void> stopped;
    const std::stop_callback notice(stop, [&] { stopped.set_value(); });
    stopped.get_future().wait();
    ++told;
  };
  EXPECT_TRUE(pool.Post(Time::max(),
                        [&](const std::stop_token& stop) {
                          entered.set_value();
                          wait_for_stop(stop);
                        })
                  .ok());
  entered.get_future().wait();
  EXPECT_TRUE(pool.Post(Time::max(), wait_for_stop).ok());
  pool.Stop();
  EXPECT_EQ(told, 2);
  const absl::Status late = pool.Post(Time::max(), kNothing);
  EXPECT_TRUE(absl::IsUnavailable(late)) << late;
  EXPECT_TRUE(RetryAfterOf(late).has_value());
  pool.Stop();
}

TEST_F(InteractivePoolTest, DrainTakesNothingNewAndWaitsForWhatWasTaken) {
  InteractivePool pool({.threads = 1}, clock_);
  pool.Start();
  Occupy(pool);
  std::atomic<bool> ran = false;
  std::atomic<bool> told = false;
  EXPECT_TRUE(pool.Post(Time::max(),
                        [&](const std::stop_token& stop) {
                          told = stop.stop_requested();
                          ran = true;
                        })
                  .ok());
  SystemClock real_time;
  std::thread drain([&] { pool.Drain(Duration::zero(), std::chrono::hours(1), real_time); });
  while (!absl::IsUnavailable(pool.Post(Time::max(), kNothing))) std::this_thread::yield();
  EXPECT_FALSE(ran);
  Release();
  drain.join();
  EXPECT_TRUE(ran);
  EXPECT_FALSE(told);
}

TEST_F(InteractivePoolTest, DrainWaitsForNothingLongerThanToldTo) {
  InteractivePool pool({.threads = 1}, clock_);
  pool.Start();
  Occupy(pool);
  const Time began = clock_.Now();
  pool.Drain(seconds(7), seconds(5), clock_);
  EXPECT_EQ(clock_.Now(), began + seconds(7));
  Release();
  pool.Stop();
  pool.Drain(seconds(7), seconds(5), clock_);  // there is nobody left
}

TEST_F(InteractivePoolTest, OnlyTheStopMakesACancelledWorkUnavailable) {
  std::stop_source source;
  const absl::Status cancelled = absl::CancelledError("");
  EXPECT_EQ(ForCaller(cancelled, source.get_token()), cancelled);
  source.request_stop();
  const absl::Status told = ForCaller(cancelled, source.get_token());
  EXPECT_TRUE(absl::IsUnavailable(told)) << told;
  EXPECT_TRUE(RetryAfterOf(told).has_value());
  EXPECT_EQ(ForCaller(absl::OkStatus(), source.get_token()), absl::OkStatus());
  EXPECT_TRUE(absl::IsNotFound(ForCaller(absl::NotFoundError(""), source.get_token())));
}

}  // namespace
}  // namespace connector::worker
