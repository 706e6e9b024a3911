#include "rpc/progress_hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "unit/rpc/runs_fixture.h"

namespace connector::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class FakeWatcher : public ProgressWatcher {
 public:
  struct Message {
    connector::Run run;
    Pace pace;
    std::vector<PlannedChange> changes;
    bool last = false;
  };

  bool Idle() const override { return idle; }
  bool Gone() const override { return gone; }
  void Send(const connector::Run& run, const Pace& pace, std::vector<PlannedChange> changes,
            bool last) override {
    messages.push_back({run, pace, std::move(changes), last});
  }
  void Fail(const absl::Status& status) override { failures.push_back(status); }

  std::atomic<bool> idle{true};
  std::atomic<bool> gone{false};
  std::vector<Message> messages;
  std::vector<absl::Status> failures;
};

// Ticks by hand; the hub's thread runs only where a test starts it.
class ProgressHubTest : public RunsFixture {
 protected:
  std::shared_ptr<FakeWatcher> Watch(const std::string& run_id, bool with_plan = false) {
    auto watcher = std::make_shared<FakeWatcher>();
    hub.Watch(watcher, "default", run_id, with_plan);
    return watcher;
  }

  ProgressHub hub{runs, clock};
};

TEST_F(ProgressHubTest, TellsAtOnceThenOnlyWhatChanges) {
  const std::string id = Submit();
  const auto watcher = Watch(id);
  hub.Tick();
  ASSERT_THAT(watcher->messages, SizeIs(1));
  EXPECT_EQ(watcher->messages[0].run.id, id);
  EXPECT_FALSE(watcher->messages[0].last);
  for (int i = 0; i < 5; ++i) {
    clock.Advance(std::chrono::seconds(1));
    hub.Tick();
  }
  EXPECT_THAT(watcher->messages, SizeIs(1));
  Lease();
  hub.Tick();
  ASSERT_THAT(watcher->messages, SizeIs(2));
  EXPECT_EQ(watcher->messages[1].run.state, RunState::kRunning);
}

TEST_F(ProgressHubTest, LastMessageEndsTheWatch) {
  const std::string id = Submit();
  const auto watcher = Watch(id);
  Lease();
  Finish(id, RunState::kSucceeded);
  hub.Tick();
  ASSERT_THAT(watcher->messages, SizeIs(1));
  EXPECT_TRUE(watcher->messages[0].last);
  EXPECT_EQ(watcher.use_count(), 1);
  hub.Tick();
  EXPECT_THAT(watcher->messages, SizeIs(1));
}

TEST_F(ProgressHubTest, PlanComesInPages) {
  const std::string id = Submit({.dry_run = true});
  Lease();
  AppendPlan(id, 1200);
  const auto watcher = Watch(id, /*with_plan=*/true);
  const auto without = Watch(id);
  for (int i = 0; i < 4; ++i) hub.Tick();
  ASSERT_THAT(watcher->messages, SizeIs(3));
  EXPECT_THAT(watcher->messages[0].changes, SizeIs(500));
  EXPECT_THAT(watcher->messages[1].changes, SizeIs(500));
  EXPECT_THAT(watcher->messages[2].changes, SizeIs(200));
  EXPECT_EQ(watcher->messages[0].changes[0].person_id, 1);
  EXPECT_EQ(watcher->messages[1].changes[0].person_id, 501);
  EXPECT_EQ(watcher->messages[2].changes[199].person_id, 1200);
  ASSERT_THAT(without->messages, SizeIs(1));
  EXPECT_THAT(without->messages[0].changes, SizeIs(0));
}

// The last message must not overtake pages of the plan, whatever their number is a multiple of.
TEST_F(ProgressHubTest, FinishedRunTellsItsWholePlanFirst) {
  for (const int changes : {0, 1, 499, 500, 501, 1000}) {
    const std::string id = Submit({.dry_run = true});
    Lease();
    AppendPlan(id, changes);
    Finish(id, RunState::kSucceeded);
    const auto watcher = Watch(id, /*with_plan=*/true);
    for (int i = 0; i < 5; ++i) hub.Tick();
    size_t told = 0;
    for (const auto& message : watcher->messages) {
      told += message.changes.size();
      EXPECT_EQ(message.last, &message == &watcher->messages.back()) << changes;
    }
    EXPECT_EQ(told, static_cast<size_t>(changes));
    EXPECT_EQ(watcher.use_count(), 1) << changes;
  }
}

TEST_F(ProgressHubTest, BusyWatcherIsNotGivenMore) {
  const std::string id = Submit({.dry_run = true});
  Lease();
  AppendPlan(id, 600);
  const auto watcher = Watch(id, /*with_plan=*/true);
  hub.Tick();
  watcher->idle = false;
  for (int i = 0; i < 3; ++i) hub.Tick();
  EXPECT_THAT(watcher->messages, SizeIs(1));
  watcher->idle = true;
  hub.Tick();
  ASSERT_THAT(watcher->messages, SizeIs(2));
  EXPECT_EQ(watcher->messages[1].changes[0].person_id, 501);
}

TEST_F(ProgressHubTest, LetsGoOfAWatcherThatWentAway) {
  const auto watcher = Watch(Submit());
  hub.Tick();
  watcher->idle = false;
  watcher->gone = true;
  hub.Tick();
  EXPECT_EQ(watcher.use_count(), 1);
  EXPECT_THAT(watcher->failures, SizeIs(0));
}

TEST_F(ProgressHubTest, UnknownRunFails) {
  const auto watcher = Watch("nope");
  hub.Tick();
  ASSERT_THAT(watcher->failures, SizeIs(1));
  EXPECT_EQ(watcher->failures[0].code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(watcher.use_count(), 1);
}

TEST_F(ProgressHubTest, PaceIsOfTheLastMinute) {
  const std::string id = Submit();
  Lease();
  RunProgress progress;
  progress.phase = RunPhase::kConverge;
  progress.read = 1000;
  SaveProgress(id, progress);
  const auto watcher = Watch(id);
  hub.Tick();
  EXPECT_EQ(watcher->messages.back().pace.records_per_second, 0);
  EXPECT_FALSE(watcher->messages.back().pace.estimated_end.has_value());
  clock.Advance(std::chrono::seconds(10));
  progress.updated = 100;
  SaveProgress(id, progress);
  hub.Tick();
  const Pace pace = watcher->messages.back().pace;
  EXPECT_DOUBLE_EQ(pace.records_per_second, 10);
  EXPECT_EQ(pace.estimated_end, clock.Now() + std::chrono::seconds(90));
  clock.Advance(std::chrono::seconds(300));
  progress.unchanged = 1;
  SaveProgress(id, progress);
  hub.Tick();
  EXPECT_FALSE(watcher->messages.back().pace.estimated_end.has_value());
}

TEST_F(ProgressHubTest, StopFailsEveryWatcher) {
  hub.Start();
  const auto first = Watch(Submit());
  const auto second = Watch(Submit({.dry_run = true}));
  hub.Stop();
  for (const auto& watcher : {first, second}) {
    ASSERT_THAT(watcher->failures, SizeIs(1));
    EXPECT_EQ(watcher->failures[0].code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(std::string(watcher->failures[0].message()), HasSubstr("the run goes on"));
  }
  hub.Stop();
  EXPECT_THAT(first->failures, SizeIs(1));
}

// A call may come between the hub's stop and the listener's: it must not be left without an end.
TEST_F(ProgressHubTest, WatchAfterStopFailsAtOnce) {
  hub.Start();
  hub.Stop();
  const auto late = Watch(Submit());
  ASSERT_THAT(late->failures, SizeIs(1));
  EXPECT_EQ(late->failures[0].code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(late.use_count(), 1);
}

TEST_F(ProgressHubTest, WatchersMayComeWhileTheHubStops) {
  for (int round = 0; round < 20; ++round) {
    ProgressHub racing(runs, clock);
    racing.Start();
    std::vector<std::shared_ptr<FakeWatcher>> watchers;
    std::thread watch([&] {
      for (int i = 0; i < 20; ++i) {
        watchers.push_back(std::make_shared<FakeWatcher>());
        racing.Watch(watchers.back(), "default", "nope", false);
      }
    });
    racing.Stop();
    watch.join();
    for (const auto& watcher : watchers) {
      EXPECT_THAT(watcher->failures, SizeIs(1));
      EXPECT_EQ(watcher.use_count(), 1);
    }
  }
}

}  // namespace
}  // namespace connector::rpc
