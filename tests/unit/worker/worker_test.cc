#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "support/sync_fixture.h"
#include "unit/worker/standing_clock.h"
#include "worker/runner.h"
#include "worker/runs.h"
#include "worker/scheduler.h"
#include "worker/upkeep.h"

namespace connector::worker {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class WorkerTest : public connector::testing::SyncFixture {
 protected:
  WorkerTest() { settings.connection = "main"; }

  void AddConnection(const std::string& name, bool persons = true) {
    sync::Accounts accounts = MakeAccounts();
    accounts.settings.connection = name;
    accounts.settings.persons = persons;
    connections.Add(std::move(accounts));
  }
  connector::Run Submit(RunOptions options = {}) {
    auto submitted = runs.Submit("", RunKind::kPersons, std::move(options));
    EXPECT_TRUE(submitted.ok()) << submitted.status();
    return submitted->run;
  }
  void FinishNext(RunState state) {
    const auto session = TakeRun();
    End(*session, state);
  }
  size_t Queued() {
    size_t queued = 0;
    for (const connector::Run& run : *runs.List("", 100)) queued += IsFinal(run.state) ? 0 : 1;
    return queued;
  }
  connector::Run WaitForEnd(const std::string& id, const std::string& connection = "") {
    while (true) {
      const auto run = runs.Get(connection, id);
      if (!run.ok() || IsFinal(run->state)) return *run;
      std::this_thread::yield();
    }
  }

  StandingClock standing;
  SeededRandom random{1};
  Connections connections;
  Runs runs{*store, connections, standing, random};
};

TEST_F(WorkerTest, TheOnlyConnectionNeedsNoName) {
  EXPECT_THAT(std::string(runs.ResolveConnection("").status().message()), HasSubstr("none"));
  AddConnection("main");
  EXPECT_EQ(*runs.ResolveConnection(""), "main");
  EXPECT_EQ(*runs.ResolveConnection("main"), "main");
  AddConnection("other");
  const absl::Status ambiguous = runs.ResolveConnection("").status();
  EXPECT_EQ(ambiguous.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(ambiguous.message()), HasSubstr("main, other"));
}

TEST_F(WorkerTest, AskingTwiceJoinsTheUnfinishedRun) {
  AddConnection("main");
  const connector::Run run = Submit();
  const auto again = runs.Submit("main", RunKind::kPersons, {});
  EXPECT_TRUE(again->joined);
  EXPECT_EQ(again->run.id, run.id);
  RunOptions dry;
  dry.dry_run = true;
  EXPECT_FALSE(runs.Submit("main", RunKind::kPersons, dry)->joined);
}

TEST_F(WorkerTest, PersonsThatAreSwitchedOffAreNotSynced) {
  AddConnection("main", false);
  const auto refused = runs.Submit("", RunKind::kPersons, {});
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(*runs.List("", 10), IsEmpty());
}

TEST_F(WorkerTest, DealsAreSyncedWhereTheyAreSwitchedOn) {
  AddConnection("main");
  const auto refused = runs.Submit("", RunKind::kDeals, {});
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("connectors.pipedrive.sync.deals"));
  settings.deals = true;
  AddConnection("other");
  pipedrive.PutDeal(1, 1);
  Runner runner({.owner = "me", .threads = 1}, *store, connections, runs, standing, log);
  runner.Start();
  const auto submitted = runs.Submit("other", RunKind::kDeals, {});
  ASSERT_TRUE(submitted.ok()) << submitted.status();
  const connector::Run done = WaitForEnd(submitted->run.id, "other");
  runner.Stop();
  EXPECT_EQ(done.state, RunState::kSucceeded) << done.error;
  EXPECT_EQ(done.progress.read, 1);
}

TEST_F(WorkerTest, RunsWhatIsSubmitted) {
  AddConnection("main");
  pipedrive.Put(1, "ann@x.de");
  Runner runner({.owner = "me", .threads = 1}, *store, connections, runs, standing, log);
  runner.Start();
  const connector::Run done = WaitForEnd(Submit().id);
  runner.Stop();
  EXPECT_EQ(done.state, RunState::kSucceeded) << done.error;
  EXPECT_EQ(done.progress.created, 1);
  EXPECT_EQ(runs.LastSucceeded("", RunKind::kPersons)->value().id, done.id);
}

TEST_F(WorkerTest, AFailedRunSaysWhy) {
  AddConnection("main");
  pipedrive.on_call = [](const std::string&) { return absl::UnauthenticatedError("bad token"); };
  Runner runner({.owner = "me", .threads = 1}, *store, connections, runs, standing, log);
  runner.Start();
  const connector::Run persons = WaitForEnd(Submit().id);
  runner.Stop();
  EXPECT_EQ(persons.state, RunState::kFailed);
  EXPECT_THAT(persons.error, HasSubstr("bad token"));
}

TEST_F(WorkerTest, ARunThatWasCancelledInTheQueueMakesNoCall) {
  AddConnection("main");
  const connector::Run run = Submit();
  EXPECT_TRUE(runs.Cancel("", run.id)->cancel_requested);
  Runner runner({.owner = "me", .threads = 1}, *store, connections, runs, standing, log);
  runner.Start();
  EXPECT_EQ(WaitForEnd(run.id).state, RunState::kCancelled);
  runner.Stop();
  EXPECT_THAT(pipedrive.calls, IsEmpty());
}

TEST_F(WorkerTest, AStoppedRunnerGivesItsRunBack) {
  AddConnection("main");
  pipedrive.page_size = 1;
  pipedrive.Put(1, "ann@x.de");
  pipedrive.Put(2, "bob@x.de");
  std::promise<void> reached;
  pipedrive.on_call = [&](const std::string& call) {
    if (call != "persons") return absl::OkStatus();
    reached.set_value();
    while (!pipedrive.stop.stop_requested()) std::this_thread::yield();
    return absl::OkStatus();
  };
  const std::string id = Submit().id;
  Runner runner({.owner = "me", .threads = 1}, *store, connections, runs, standing, log);
  runner.Start();
  reached.get_future().wait();
  runner.Stop();
  EXPECT_EQ(runs.Get("", id)->state, RunState::kQueued);
  EXPECT_EQ(brevo.CountWrites(), 0);
  pipedrive.on_call = nullptr;
  Runner next({.owner = "next", .threads = 1}, *store, connections, runs, standing, log);
  next.Start();
  EXPECT_EQ(WaitForEnd(id).state, RunState::kSucceeded);
  next.Stop();
  EXPECT_EQ(std::count(pipedrive.calls.begin(), pipedrive.calls.end(), "persons"), 1);
  EXPECT_EQ(brevo.contacts.size(), 2U);
}

TEST_F(WorkerTest, ARunOfAConnectionThatWentAwayFails) {
  connector::Run run{.id = "orphan", .connection = "gone"};
  ASSERT_TRUE(store->SubmitRun(run).ok());
  Runner runner({.owner = "me", .threads = 1}, *store, connections, runs, standing, log);
  runner.Start();
  while (!IsFinal(store->GetRun("gone", "orphan")->state)) std::this_thread::yield();
  runner.Stop();
  EXPECT_EQ(store->GetRun("gone", "orphan")->state, RunState::kFailed);
}

TEST_F(WorkerTest, TheFirstScheduledRunComesAfterOneInterval) {
  AddConnection("main");
  Scheduler scheduler({{.connection = "main", .interval = std::chrono::hours(1), .jitter = 0}},
                      runs, clock, random, log);
  clock.Advance(std::chrono::minutes(59));
  scheduler.Tick();
  EXPECT_EQ(Queued(), 0U);
  clock.Advance(std::chrono::minutes(1));
  scheduler.Tick();
  scheduler.Tick();
  ASSERT_EQ(Queued(), 1U);
  EXPECT_TRUE(runs.List("", 1)->front().scheduled);
}

TEST_F(WorkerTest, AfterARestartTheIntervalCountsFromTheLastRun) {
  AddConnection("main");
  Submit();
  FinishNext(RunState::kFailed);
  clock.Advance(std::chrono::minutes(50));
  Scheduler scheduler({{.connection = "main", .interval = std::chrono::hours(1), .jitter = 0}},
                      runs, clock, random, log);
  clock.Advance(std::chrono::minutes(10));
  scheduler.Tick();
  EXPECT_EQ(Queued(), 1U);
}

TEST_F(WorkerTest, AFullRunIsDueByFullRunsAloneAndADryOneCountsForNothing) {
  AddConnection("main");
  Scheduler scheduler({{.connection = "main",
                        .mode = RunMode::kFull,
                        .interval = std::chrono::hours(2),
                        .jitter = 0}},
                      runs, clock, random, log);
  clock.Advance(std::chrono::hours(1));
  Submit();
  FinishNext(RunState::kSucceeded);
  RunOptions dry;
  dry.dry_run = true;
  Submit(dry);
  FinishNext(RunState::kSucceeded);
  clock.Advance(std::chrono::hours(1));
  scheduler.Tick();
  EXPECT_EQ(Queued(), 1U);
  EXPECT_EQ(runs.List("", 1)->front().options.mode, RunMode::kFull);
}

TEST_F(WorkerTest, JitterKeepsWithinItsShare) {
  AddConnection("main");
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SeededRandom seeded(seed);
    Scheduler scheduler({{.connection = "main", .interval = std::chrono::hours(1), .jitter = 0.1}},
                        runs, clock, seeded, log);
    if (seed > 1) Submit();
    if (seed > 1) FinishNext(RunState::kSucceeded);
    clock.Advance(std::chrono::minutes(53));
    scheduler.Tick();
    EXPECT_EQ(Queued(), 0U) << seed;
    clock.Advance(std::chrono::minutes(14));
    scheduler.Tick();
    EXPECT_EQ(Queued(), 1U) << seed;
    FinishNext(RunState::kSucceeded);
  }
}

TEST_F(WorkerTest, NothingIsScheduledWithoutAnInterval) {
  AddConnection("main");
  Scheduler scheduler({{.connection = "main"}}, runs, clock, random, log);
  clock.Advance(std::chrono::hours(1000));
  scheduler.Tick();
  EXPECT_EQ(Queued(), 0U);
}

TEST_F(WorkerTest, UpkeepForgetsWhatIsOld) {
  AddConnection("main");
  const std::string id = Submit().id;
  FinishNext(RunState::kSucceeded);
  standing.Set(clock.Now() + std::chrono::hours(24 * 31));
  standing.sleeps_end = 1;
  Upkeep upkeep(*store, standing, log);
  upkeep.Start();
  while (runs.Get("", id).ok()) std::this_thread::yield();
  upkeep.Stop();
  EXPECT_EQ(runs.Get("", id).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace connector::worker
