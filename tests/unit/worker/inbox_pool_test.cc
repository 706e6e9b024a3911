#include "worker/inbox_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <thread>

#include "base/status.h"
#include "metrics/registry.h"
#include "store/sql_store.h"
#include "unit/worker/standing_clock.h"

namespace connector::worker {
namespace {

using Events = std::vector<store::LeasedEvent>;
using Handled = absl::StatusOr<store::IngestBatch>;

Handled SettleAll(const Events& events) {
  store::IngestBatch batch;
  for (const auto& event : events) batch.settled.push_back({event.id, {}});
  return batch;
}

// Answers as the test says, and keeps what it was given.
class FakeHandler : public sync::EventHandler {
 public:
  Handled Handle(const Events& events, const http::CallContext& context) override {
    {
      const std::lock_guard lock(mutex_);
      for (const auto& event : events) seen_.push_back(event);
      ++calls_;
    }
    return answer ? answer(events, context) : SettleAll(events);
  }
  Events seen() {
    const std::lock_guard lock(mutex_);
    return seen_;
  }
  std::function<Handled(const Events&, const http::CallContext&)> answer;

 private:
  std::mutex mutex_;
  Events seen_;
  int calls_ = 0;
};

class InboxPoolTest : public testing::Test {
 protected:
  InboxPoolTest() : store_(*store::MakeSqliteStore({":memory:"}, clock_)) {}

  void Append(const std::string& key, const std::string& lane) {
    std::promise<void> stored;
    store_->AppendInbox(
        {.connection = "main", .key = key, .lane = lane, .received_at = clock_.Now(), .body = key},
        [&](const absl::StatusOr<store::Appended>& outcome) {
          EXPECT_TRUE(outcome.ok());
          stored.set_value();
        });
    stored.get_future().get();
  }
  void Start(int threads = 1, int batch = 100, int most_attempts = 20) {
    pool_.emplace(InboxPool::Options{.connection = "main",
                                     .owner = "me",
                                     .threads = threads,
                                     .batch = batch,
                                     .most_attempts = most_attempts},
                  *store_, handler_, clock_, random_, log_, metrics_);
    pool_->Start();
  }
  int64_t Left() { return store_->GetQueueDepth("main")->inbox_events; }
  // Moves time until `done`.
  void Until(const std::function<bool()>& done, Duration step = std::chrono::milliseconds(100)) {
    while (!done()) {
      clock_.Advance(step);
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  }
  std::vector<Failure> Failures() { return *store_->ListFailures("main", "", 0, 100); }

  SteppedClock clock_;
  SeededRandom random_{3};
  std::vector<std::string> log_lines_;
  Logger log_{clock_, LogLevel::kWarning, [this](std::string_view line) {
                const std::lock_guard lock(log_mutex_);
                log_lines_.emplace_back(line);
              }};
  std::mutex log_mutex_;
  metrics::Registry registry_;
  metrics::WebhookMetrics metrics_{registry_};
  std::unique_ptr<store::Store> store_;
  FakeHandler handler_;
  std::optional<InboxPool> pool_;
};

TEST_F(InboxPoolTest, HandlesWhatIsThereAndWhatComes) {
  Append("1", "person/1");
  Start();
  Until([this] { return Left() == 0; });
  Append("2", "person/1");
  pool_->Wake();
  Until([this] { return Left() == 0; });
  EXPECT_EQ(handler_.seen().size(), 2U);
  EXPECT_THAT(registry_.Serialize(), testing::HasSubstr(R"(outcome="settled"} 2)"));
}

TEST_F(InboxPoolTest, FindsWhatNobodyCalledItFor) {
  Start();
  Append("1", "person/1");
  Until([this] { return Left() == 0; });
}

TEST_F(InboxPoolTest, BatchesAreBounded) {
  for (int i = 0; i < 25; ++i) Append(std::to_string(i), "person/" + std::to_string(i));
  std::atomic<size_t> largest = 0;
  handler_.answer = [&](const Events& events, const http::CallContext&) {
    largest = std::max(largest.load(), events.size());
    return SettleAll(events);
  };
  Start(/*threads=*/2, /*batch=*/10);
  Until([this] { return Left() == 0; });
  pool_->Stop();
  EXPECT_EQ(largest, 10U);
}

TEST_F(InboxPoolTest, WhatFailsIsTriedAgainWithGrowingPausesAndEndsInTheFailures) {
  Append("1", "person/42");
  std::vector<Time> at;
  handler_.answer = [&](const Events& events, const http::CallContext&) -> Handled {
    EXPECT_EQ(events[0].attempts, static_cast<int>(at.size()) + 1);
    at.push_back(clock_.Now());
    return absl::InvalidArgumentError("no such thing");
  };
  Start(1, 100, /*most_attempts=*/4);
  Until([this] { return Left() == 0; });
  pool_->Stop();
  ASSERT_EQ(at.size(), 4U);
  const auto failures = Failures();
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].entity, "person");
  EXPECT_EQ(failures[0].entity_id, "42");
  EXPECT_EQ(failures[0].reason, FailureReason::kMalformedRecord);
  EXPECT_THAT(failures[0].detail, testing::HasSubstr("no such thing"));
  EXPECT_THAT(registry_.Serialize(), testing::HasSubstr(R"(outcome="failed"} 1)"));
}

TEST_F(InboxPoolTest, WhatTheHandlerLeavesUndoneIsTriedAgainAlone) {
  Append("1", "person/1");
  Append("2", "person/2");
  std::atomic<int> calls = 0;
  handler_.answer = [&](const Events& events, const http::CallContext&) -> Handled {
    if (++calls > 1) return SettleAll(events);
    store::IngestBatch batch;
    batch.settled = {{events[0].id, {}}};
    return batch;
  };
  Start();
  Until([this] { return Left() == 0; });
  pool_->Stop();
  const auto seen = handler_.seen();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[2].entry.key, "2");
  EXPECT_EQ(seen[2].attempts, 2);
  EXPECT_TRUE(Failures().empty());
}

TEST_F(InboxPoolTest, PassingTroubleLastsADayBeforeAnEventIsGivenUp) {
  Append("1", "person/1");
  const Time began = clock_.Now();
  Time ended{};
  handler_.answer = [&](const Events&, const http::CallContext&) -> Handled {
    ended = clock_.Now();
    return absl::UnavailableError("out of reach");
  };
  Start(1, 100, /*most_attempts=*/2);
  Until([this] { return Left() == 0; }, std::chrono::minutes(1));
  pool_->Stop();
  EXPECT_GE(ended - began, std::chrono::hours(24));
  ASSERT_EQ(Failures().size(), 1U);
}

TEST_F(InboxPoolTest, AnAccountThatStandsStillWearsNothingOut) {
  Append("1", "person/1");
  std::atomic<int> calls = 0;
  handler_.answer = [&](const Events& events, const http::CallContext&) -> Handled {
    EXPECT_EQ(events[0].attempts, 1);
    if (++calls == 5) return SettleAll(events);
    return WithReaction(absl::UnauthenticatedError("bad key"), Reaction::kPauseAccount);
  };
  Start(1, 100, /*most_attempts=*/2);
  Until([this] { return Left() == 0; });
  pool_->Stop();
  EXPECT_EQ(calls, 5);
  EXPECT_EQ(log_lines_.size(), 1U) << "told once";
}

TEST_F(InboxPoolTest, StoppingGivesBackWhatIsInHand) {
  Append("1", "person/1");
  std::promise<void> handling;
  handler_.answer = [&](const Events&, const http::CallContext& context) -> Handled {
    handling.set_value();
    std::mutex mutex;
    std::condition_variable_any cv;
    std::unique_lock lock(mutex);
    cv.wait(lock, context.stop, [] { return false; });
    return absl::CancelledError("stopped");
  };
  Start();
  handling.get_future().get();
  pool_->Stop();
  const auto events = store_->LeaseInbox("main", "next", clock_.Now(), std::chrono::minutes(1), 10);
  ASSERT_EQ(events->size(), 1U) << "at once";
  EXPECT_EQ(events->at(0).attempts, 1) << "and untried";
}

TEST_F(InboxPoolTest, WhatADeadProcessHeldIsTakenOver) {
  Append("1", "person/1");
  ASSERT_EQ(store_->LeaseInbox("main", "dead", clock_.Now(), std::chrono::seconds(30), 10)->size(),
            1U);
  Start();
  Until([this] { return Left() == 0; });
  EXPECT_EQ(handler_.seen().at(0).attempts, 2);
}

TEST_F(InboxPoolTest, ALeaseIsRenewedWhileItsHandlerWorks) {
  Append("1", "person/1");
  std::promise<void> handling;
  std::promise<void> go_on;
  handler_.answer = [&](const Events& events, const http::CallContext&) {
    handling.set_value();
    go_on.get_future().get();
    return SettleAll(events);
  };
  Start();
  handling.get_future().get();
  for (int i = 0; i < 10; ++i) {
    const int sleeps = clock_.sleeps;
    clock_.Advance(std::chrono::seconds(10));                   // a third of the lease
    while (clock_.sleeps == sleeps) std::this_thread::yield();  // renewed, and asleep again
  }
  EXPECT_TRUE(
      store_->LeaseInbox("main", "thief", clock_.Now(), std::chrono::minutes(1), 10)->empty());
  go_on.set_value();
  Until([this] { return Left() == 0; });
  EXPECT_EQ(handler_.seen().size(), 1U);
}

}  // namespace
}  // namespace connector::worker
