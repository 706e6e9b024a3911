#include "contract/store_contract.h"

namespace connector::store {
namespace {

using testing::ElementsAre;
using testing::Eq;
using testing::Field;
using testing::IsEmpty;
using testing::Optional;

class RunContract : public StoreContract {};
CONNECTOR_ON_ALL_STORES(RunContract);

class PersistentRunContract : public RunContract {};
CONNECTOR_ON_PERSISTENT_STORES(PersistentRunContract);

TEST_P(RunContract, GivesBackWhatWasSubmitted) {
  connector::Run run = MakeRun("a");
  run.options.mode = RunMode::kFull;
  run.options.ids = {3, 1};
  run.scheduled = true;
  const auto submitted = store_->SubmitRun(run);
  ASSERT_OK(submitted);
  EXPECT_FALSE(submitted->joined);
  const auto got = store_->GetRun(kConnection, "a");
  ASSERT_OK(got);
  EXPECT_EQ(got->options, run.options);
  EXPECT_EQ(got->state, RunState::kQueued);
  EXPECT_EQ(got->created_at, run.created_at);
  EXPECT_EQ(got->connection, kConnection);
  EXPECT_TRUE(got->scheduled);
  EXPECT_EQ(got->started_at, std::nullopt);
  EXPECT_CODE(store_->GetRun(kConnection, "b"), kNotFound);
  EXPECT_CODE(store_->GetRun("other", "a"), kNotFound);
}

TEST_P(RunContract, JoinsTheUnfinishedRunOfTheSameKind) {
  ASSERT_OK(store_->SubmitRun(MakeRun("a")));
  const auto joined = store_->SubmitRun(MakeRun("b"));
  ASSERT_OK(joined);
  EXPECT_TRUE(joined->joined);
  EXPECT_EQ(joined->run.id, "a");

  EXPECT_FALSE(store_->SubmitRun(MakeRun("c", RunKind::kDeals))->joined);
  EXPECT_FALSE(store_->SubmitRun(MakeRun("d", RunKind::kPersons, true))->joined);
  connector::Run elsewhere = MakeRun("e");
  elsewhere.connection = "other";
  EXPECT_FALSE(store_->SubmitRun(elsewhere)->joined);
}

TEST_P(RunContract, AFinishedRunIsNotJoined) {
  Finish(Start("a"), RunState::kFailed);
  EXPECT_FALSE(store_->SubmitRun(MakeRun("b"))->joined);
}

TEST_P(RunContract, LeasesTheOldestQueuedRunOnce) {
  ASSERT_OK(store_->SubmitRun(MakeRun("a")));
  ASSERT_OK(store_->SubmitRun(MakeRun("b", RunKind::kDeals)));
  const Time now = clock_.Now();
  const auto first = store_->LeaseRun("one", now, kMinute);
  const auto second = store_->LeaseRun("two", now, kMinute);
  const auto none = store_->LeaseRun("three", now, kMinute);
  ASSERT_OK(first);
  ASSERT_OK(second);
  ASSERT_OK(none);
  EXPECT_EQ((*first)->id, "a");
  EXPECT_EQ((*first)->state, RunState::kRunning);
  EXPECT_EQ((*first)->started_at, now);
  EXPECT_EQ((*first)->connection, kConnection);
  EXPECT_EQ((*second)->id, "b");
  EXPECT_FALSE(none->has_value());
}

TEST_P(RunContract, AnExpiredLeaseIsTakenOverAndTheOldOwnerIsRefused) {
  const RunLease old = Start("a");
  const Time later = clock_.Now() + kMinute;
  const auto taken = store_->LeaseRun("other", later, kMinute);
  ASSERT_OK(taken);
  ASSERT_TRUE(taken->has_value());
  EXPECT_EQ((*taken)->id, "a");
  EXPECT_EQ((*taken)->started_at, clock_.Now()) << "it started when it was first leased";

  EXPECT_CODE(store_->RenewRun(old, later), kFailedPrecondition);
  EXPECT_CODE(store_->SaveProgress({old, {}}), kFailedPrecondition);
  EXPECT_CODE(store_->ReleaseRun({old, {}}), kFailedPrecondition);
  EXPECT_CODE(store_->FinishRun({old, {}}, RunState::kFailed, "", later), kFailedPrecondition);
  EXPECT_CODE(store_->GetCursor(old, "persons"), kFailedPrecondition);
  EXPECT_CODE(store_->AppendPlan(old, {}), kFailedPrecondition);
  EXPECT_TRUE(store_->RenewRun({kConnection, "a", "other"}, later).ok());
}

TEST_P(RunContract, ARenewedLeaseHolds) {
  const RunLease lease = Start("a");
  ASSERT_OK(store_->RenewRun(lease, clock_.Now() + 2 * kMinute));
  const auto taken = store_->LeaseRun("other", clock_.Now() + kMinute, kMinute);
  ASSERT_OK(taken);
  EXPECT_FALSE(taken->has_value());
}

TEST_P(RunContract, ProgressIsStoredAndAHeartbeatLeavesItAlone) {
  const RunLease lease = Start("a");
  RunProgress progress;
  progress.phase = RunPhase::kReadPipedrive;
  progress.read = 500;
  progress.failed[FailureReason::kInvalidPhone] = 3;
  ASSERT_OK(store_->SaveProgress({lease, progress}));
  ASSERT_OK(store_->RenewRun(lease, clock_.Now() + kMinute));
  EXPECT_EQ(store_->GetRun(kConnection, "a")->progress, progress);
}

TEST_P(RunContract, AReleasedRunIsLeasedAgainAtOnce) {
  const RunLease lease = Start("a");
  RunProgress progress;
  progress.pages = 7;
  ASSERT_OK(store_->ReleaseRun({lease, progress}));
  const auto again = store_->LeaseRun("other", clock_.Now(), kMinute);
  ASSERT_OK(again);
  ASSERT_TRUE(again->has_value());
  EXPECT_EQ((*again)->progress.pages, 7);
  EXPECT_CODE(store_->SaveProgress({lease, {}}), kFailedPrecondition);
}

TEST_P(RunContract, CancelReachesTheRunner) {
  const RunLease lease = Start("a");
  EXPECT_THAT(store_->RenewRun(lease, clock_.Now() + kMinute).value_or(true), false);
  ASSERT_OK(store_->RequestCancel(kConnection, "a"));
  EXPECT_THAT(store_->RenewRun(lease, clock_.Now() + kMinute).value_or(false), true);
  EXPECT_TRUE(store_->GetRun(kConnection, "a")->cancel_requested);
  EXPECT_CODE(store_->RequestCancel(kConnection, "b"), kNotFound);
}

TEST_P(RunContract, CancellingAFinishedRunChangesNothing) {
  Finish(Start("a"));
  ASSERT_OK(store_->RequestCancel(kConnection, "a"));
  EXPECT_FALSE(store_->GetRun(kConnection, "a")->cancel_requested);
}

TEST_P(RunContract, FinishingKeepsHowItEnded) {
  const RunLease lease = Start("a");
  RunProgress progress;
  progress.created = 9;
  const Time end = clock_.Now() + kMinute;
  ASSERT_OK(store_->FinishRun({lease, progress}, RunState::kFailed, "wrong token", end));
  const auto run = store_->GetRun(kConnection, "a");
  ASSERT_OK(run);
  EXPECT_EQ(run->state, RunState::kFailed);
  EXPECT_EQ(run->error, "wrong token");
  EXPECT_EQ(run->finished_at, end);
  EXPECT_EQ(run->progress, progress);
  EXPECT_CODE(store_->FinishRun({lease, {}}, RunState::kSucceeded, "", end), kFailedPrecondition);
  EXPECT_FALSE(store_->LeaseRun("other", end + kMinute, kMinute)->has_value());
}

TEST_P(RunContract, ListsNewestFirst) {
  Finish(Start("a"));
  Finish(Start("b"));
  ASSERT_OK(store_->SubmitRun(MakeRun("c")));
  const auto runs = store_->ListRuns(kConnection, 2);
  ASSERT_OK(runs);
  EXPECT_THAT(*runs, ElementsAre(Field(&connector::Run::id, "c"), Field(&connector::Run::id, "b")));
  EXPECT_THAT(*store_->ListRuns("other", 2), IsEmpty());
}

TEST_P(RunContract, LastRunIsTheNewestFinishedOneThatWasNotDry) {
  EXPECT_THAT(*store_->LastRun(kConnection, RunKind::kPersons, RunState::kSucceeded),
              Eq(std::nullopt));
  Finish(Start("a"));
  Finish(Start("b"));
  Finish(Start("c"), RunState::kFailed);
  Finish(Start("d", RunKind::kPersons, true));
  Finish(Start("e", RunKind::kDeals));
  EXPECT_THAT(*store_->LastRun(kConnection, RunKind::kPersons, RunState::kSucceeded),
              Optional(Field(&connector::Run::id, "b")));
  EXPECT_THAT(*store_->LastRun(kConnection, RunKind::kPersons, RunState::kFailed),
              Optional(Field(&connector::Run::id, "c")));
}

TEST_P(RunContract, AWalkStartsAtItsBeginningAndItsPlaceEndsWithTheRun) {
  const RunLease lease = Start("a");
  EXPECT_EQ(*store_->GetCursor(lease, "persons"), Cursor{});
  FoldPersons(lease, {});
  EXPECT_EQ(*store_->GetCursor(lease, "persons"), (Cursor{"next", false}));
  EXPECT_EQ(*store_->GetCursor(lease, "contacts"), Cursor{});
  ASSERT_OK(store_->FinishPersonsPage({lease, {}}, {"", true}, {}, Existence::kUnknown, false));
  EXPECT_EQ(*store_->GetCursor(lease, "persons"), (Cursor{"", true}));
  Finish(lease);
  EXPECT_EQ(*store_->GetCursor(Start("b"), "persons"), Cursor{});
}

TEST_P(RunContract, WatermarksLast) {
  EXPECT_EQ(*store_->GetWatermark(kConnection, "w"), "");
  ASSERT_OK(store_->SetWatermark(kConnection, "w", "1"));
  ASSERT_OK(store_->SetWatermark(kConnection, "w", "2"));
  EXPECT_EQ(*store_->GetWatermark(kConnection, "w"), "2");
  EXPECT_EQ(*store_->GetWatermark("other", "w"), "");
}

TEST_P(RunContract, SuccessMovesTheWatermarksAndAnotherEndDoesNot) {
  const RunLease failed = Start("a");
  Finish(failed, RunState::kFailed);
  EXPECT_CODE(store_->SucceedRun({failed, {}}, {{"w", "1"}}, clock_.Now()), kFailedPrecondition);
  EXPECT_EQ(*store_->GetWatermark(kConnection, "w"), "");
  EXPECT_EQ(store_->GetRun(kConnection, "a")->state, RunState::kFailed);

  const RunLease lease = Start("b");
  RunProgress progress;
  progress.created = 9;
  ASSERT_OK(store_->SucceedRun({lease, progress}, {{"w", "2"}, {"v", "3"}}, clock_.Now()));
  EXPECT_EQ(*store_->GetWatermark(kConnection, "w"), "2");
  EXPECT_EQ(*store_->GetWatermark(kConnection, "v"), "3");
  const auto run = store_->GetRun(kConnection, "b");
  ASSERT_OK(run);
  EXPECT_EQ(run->state, RunState::kSucceeded);
  EXPECT_EQ(run->finished_at, clock_.Now());
  EXPECT_EQ(run->progress, progress);
}

TEST_P(PersistentRunContract, AnUnfinishedRunSurvivesACrashAndGoesOnAtItsPage) {
  const RunLease lease = Start("a");
  FoldPersons(lease, {MakePerson(1, "a@x.org")});
  Reopen();
  const auto again = store_->LeaseRun("new", clock_.Now() + kMinute, kMinute);
  ASSERT_OK(again);
  ASSERT_TRUE(again->has_value());
  const RunLease taken = {kConnection, "a", "new"};
  EXPECT_EQ(*store_->GetCursor(taken, "persons"), (Cursor{"next", false}));
  EXPECT_EQ(*store_->CountMarks(kConnection, "a"), 1);
  EXPECT_GT(KeyOf("a@x.org"), 0);
}

TEST_P(PersistentRunContract, TwoStoresShareOneState) {
  const auto second = backend_->Open(clock_);
  ASSERT_OK(second);
  ASSERT_OK(store_->SubmitRun(MakeRun("a")));
  const auto leased = (*second)->LeaseRun("two", clock_.Now(), kMinute);
  ASSERT_OK(leased);
  EXPECT_TRUE(leased->has_value());
  EXPECT_FALSE(store_->LeaseRun("one", clock_.Now(), kMinute)->has_value());
  EXPECT_TRUE((*second)->SubmitRun(MakeRun("b"))->joined);
}

}  // namespace
}  // namespace connector::store
