#include "contract/store_contract.h"

namespace connector::store {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

class UpkeepContract : public StoreContract {};
CONNECTOR_ON_ALL_STORES(UpkeepContract);

TEST_P(UpkeepContract, FailuresAreListedNewestFirstByPage) {
  ASSERT_OK(store_->RecordFailures(
      kConnection, {MakeFailure("1", "a"), MakeFailure("2", "b"), MakeFailure("3", "a")}));
  const auto all = store_->ListFailures(kConnection, "", 0, 2);
  ASSERT_OK(all);
  EXPECT_THAT(*all, ElementsAre(Field(&Failure::entity_id, "3"), Field(&Failure::entity_id, "2")));
  EXPECT_THAT(*store_->ListFailures(kConnection, "", all->back().id, 10),
              ElementsAre(Field(&Failure::entity_id, "1")));
  const auto of_run = store_->ListFailures(kConnection, "a", 0, 10);
  ASSERT_OK(of_run);
  ASSERT_THAT(*of_run, SizeIs(2));
  const Failure& failure = of_run->front();
  EXPECT_EQ(failure.run_id, "a");
  EXPECT_EQ(failure.entity, "person");
  EXPECT_EQ(failure.reason, FailureReason::kInvalidPhone);
  EXPECT_EQ(failure.field, "SMS");
  EXPECT_EQ(failure.detail, "not a number");
  EXPECT_EQ(failure.created_at, Time(kMinute));
  EXPECT_THAT(*store_->ListFailures("other", "", 0, 10), IsEmpty());
}

TEST_P(UpkeepContract, FailuresTakenUpAgainAreForgotten) {
  ASSERT_OK(store_->RecordFailures(kConnection, {MakeFailure("1"), MakeFailure("2")}));
  const auto all = store_->ListFailures(kConnection, "", 0, 10);
  ASSERT_OK(all);
  ASSERT_OK(store_->DeleteFailures("other", {all->at(0).id}));
  ASSERT_OK(store_->DeleteFailures(kConnection, {all->at(1).id, 99}));
  EXPECT_THAT(*store_->ListFailures(kConnection, "", 0, 10),
              ElementsAre(Field(&Failure::entity_id, "2")));
}

TEST_P(UpkeepContract, OnlyTheNewestFailuresAreKept) {
  const std::vector<Failure> many(50'001, MakeFailure("x"));
  ASSERT_OK(store_->RecordFailures(kConnection, many));
  ASSERT_OK(store_->RecordFailures(kConnection, many));
  EXPECT_THAT(*store_->ListFailures(kConnection, "", 0, 200'000), SizeIs(100'000));
}

TEST_P(UpkeepContract, APlanIsReadInOrderByPage) {
  const RunLease lease = Start("a", RunKind::kPersons, true);
  PlannedChange change;
  change.email = "a@x.org";
  change.fields = {{"A", "1", "2", "changed"}};
  std::vector<PlannedChange> changes;
  for (int64_t id = 1; id <= 3; ++id) {
    change.person_id = id;
    changes.push_back(change);
  }
  ASSERT_OK(store_->AppendPlan(lease, {changes[0], changes[1]}));
  ASSERT_OK(store_->AppendPlan(lease, {changes[2]}));
  const auto first = store_->ReadPlan(kConnection, "a", 0, 2);
  ASSERT_OK(first);
  EXPECT_THAT(first->changes, ElementsAre(changes[0], changes[1]));
  const auto second = store_->ReadPlan(kConnection, "a", first->last_sequence, 2);
  ASSERT_OK(second);
  EXPECT_THAT(second->changes, ElementsAre(changes[2]));
  const auto end = store_->ReadPlan(kConnection, "a", second->last_sequence, 2);
  ASSERT_OK(end);
  EXPECT_THAT(end->changes, IsEmpty());
  EXPECT_EQ(end->last_sequence, second->last_sequence);
}

TEST_P(UpkeepContract, AClearedPlanStartsOverAndAnothersStays) {
  const RunLease lease = Start("a", RunKind::kPersons, true);
  const RunLease other = Start("b", RunKind::kDeals, true);
  PlannedChange change;
  change.person_id = 1;
  ASSERT_OK(store_->AppendPlan(lease, {change, change}));
  ASSERT_OK(store_->AppendPlan(other, {change}));
  ASSERT_OK(store_->ClearPlan(lease));
  EXPECT_THAT(store_->ReadPlan(kConnection, "a", 0, 10)->changes, IsEmpty());
  EXPECT_THAT(store_->ReadPlan(kConnection, "b", 0, 10)->changes, ElementsAre(change));
  change.person_id = 2;
  ASSERT_OK(store_->AppendPlan(lease, {change}));
  EXPECT_THAT(store_->ReadPlan(kConnection, "a", 0, 10)->changes, ElementsAre(change));
  Finish(lease);
  EXPECT_CODE(store_->ClearPlan(lease), kFailedPrecondition);
  EXPECT_THAT(store_->ReadPlan(kConnection, "a", 0, 10)->changes, ElementsAre(change));
}

TEST_P(UpkeepContract, TheSchemaIsCached) {
  EXPECT_FALSE(store_->GetSchema(kConnection)->has_value());
  AccountSchema schema;
  schema.account.company_id = 7;
  schema.lists = {{60, "All"}};
  ASSERT_OK(store_->PutSchema(kConnection, schema, Time(kMinute)));
  schema.lists.push_back({61, "Leads"});
  ASSERT_OK(store_->PutSchema(kConnection, schema, Time(2 * kMinute)));
  const auto stored = store_->GetSchema(kConnection);
  ASSERT_OK(stored);
  ASSERT_TRUE(stored->has_value());
  EXPECT_EQ((*stored)->schema, schema);
  EXPECT_EQ((*stored)->fetched_at, Time(2 * kMinute));
  EXPECT_FALSE(store_->GetSchema("other")->has_value());
}

TEST_P(UpkeepContract, TheDepthOfTheQueueIsKnown) {
  EXPECT_EQ(store_->GetQueueDepth(kConnection)->oldest_mark, std::nullopt);
  const RunLease lease = Start("a");
  const Time first = clock_.Now();
  FoldPersons(lease, {MakePerson(1, "a@x.org", 1)});
  clock_.Advance(std::chrono::seconds(1));
  FoldPersons(lease, {MakePerson(1, "a@x.org", 2), MakePerson(2, "b@x.org")});
  ASSERT_OK(store_->CreateImport(kConnection, {.run_id = "a"}));
  const auto depth = store_->GetQueueDepth(kConnection);
  ASSERT_OK(depth);
  EXPECT_EQ(depth->dirty_contacts, 2);
  EXPECT_EQ(depth->open_imports, 1);
  EXPECT_EQ(depth->oldest_mark, first) << "dirty since the first change, not the last";
}

TEST_P(UpkeepContract, PruneDropsWhatIsOld) {
  const RunLease old = Start("old", RunKind::kPersons, true);
  ASSERT_OK(store_->AppendPlan(old, {PlannedChange{}}));
  Finish(old);
  const Time before = clock_.Now() + kMinute;
  clock_.Advance(2 * kMinute);
  Finish(Start("new"));
  ASSERT_OK(store_->SubmitRun(MakeRun("waiting", RunKind::kDeals)));
  Failure recent = MakeFailure("recent");
  recent.created_at = clock_.Now();
  ASSERT_OK(store_->RecordFailures(kConnection, {MakeFailure("old"), recent}));

  const auto deleted = store_->Prune(before);
  ASSERT_OK(deleted);
  EXPECT_EQ(*deleted, 3) << "a run, its plan and a failure";
  EXPECT_CODE(store_->GetRun(kConnection, "old"), kNotFound);
  EXPECT_TRUE(store_->GetRun(kConnection, "new").ok());
  EXPECT_TRUE(store_->GetRun(kConnection, "waiting").ok()) << "an unfinished run is never pruned";
  EXPECT_THAT(*store_->ListFailures(kConnection, "", 0, 10),
              ElementsAre(Field(&Failure::entity_id, "recent")));
  EXPECT_EQ(*store_->Prune(before), 0);
}

TEST_P(UpkeepContract, AScratchCopyTakesTheRunAndChangesNothingHere) {
  const RunLease first = Start("first");
  FoldPersons(first, {MakePerson(1, "a@x.org")});
  Finish(first);
  const RunLease dry = Start("dry", RunKind::kPersons, true);
  const auto copied = store_->MakeScratchCopy(kConnection);
  ASSERT_OK(copied);
  Store& scratch = **copied;

  const auto counts = scratch.FinishPersonsPage(
      {dry, {}}, {"next", false}, {MakePerson(1, "a@x.org", 9), MakePerson(2, "b@x.org")},
      Existence::kAbsent, /*mark_all=*/true);
  ASSERT_OK(counts);
  EXPECT_EQ(counts->fresh, 1);
  EXPECT_EQ(counts->changed, 1);
  const auto bundles =
      scratch.LeaseContacts(kConnection, {.run_id = "dry"}, "w", clock_.Now(), kMinute);
  ASSERT_OK(bundles);
  EXPECT_THAT(EmailsOf(*bundles), ElementsAre("a@x.org", "b@x.org"))
      << "also one that waits to be written here";

  EXPECT_EQ(KeyOf("b@x.org"), 0);
  EXPECT_EQ(*store_->GetCursor(dry, "persons"), Cursor{});
  EXPECT_EQ(*store_->CountMarks(kConnection, ""), 1);
  ASSERT_OK(store_->AppendPlan(dry, {PlannedChange{}}));
  Finish(dry);
}

TEST_P(UpkeepContract, AScratchCopyRollsBackToo) {
  const RunLease dry = Start("dry", RunKind::kPersons, true);
  const auto scratch = store_->MakeScratchCopy(kConnection);
  ASSERT_OK(scratch);
  RunLease lost = dry;
  lost.owner = "somebody else";
  EXPECT_CODE((*scratch)->FinishPersonsPage({lost, {}}, {}, {MakePerson(1, "a@x.org")},
                                            Existence::kAbsent, true),
              kFailedPrecondition);
  Settlement unknown;
  unknown.state.key = 99;
  const RunUpdate update{lost, {}};
  EXPECT_CODE((*scratch)->SettleContacts(kConnection, {unknown}, {MakeFailure("1")}, &update),
              kFailedPrecondition);
  EXPECT_THAT(*(*scratch)->ListFailures(kConnection, "", 0, 10), IsEmpty());
}

}  // namespace
}  // namespace connector::store
