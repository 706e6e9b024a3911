#include "contract/store_contract.h"

namespace connector::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ImportContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    lease_ = Start("run");
    FoldPersons(lease_, {MakePerson(1, "a@x.org"), MakePerson(2, "b@x.org")});
    bundles_ = LeaseDirty("run");
    ASSERT_THAT(bundles_, SizeIs(2));
    clock_.Advance(2 * kMinute);  // the leases of the contacts are over
  }

  int64_t Create(ImportKind kind = ImportKind::kAttributes) {
    const auto id = store_->CreateImport(
        kConnection, {.run_id = "run", .kind = kind, .list_id = 60, .created_at = clock_.Now()});
    EXPECT_TRUE(id.ok()) << id.status();
    return id.value_or(0);
  }
  ImportRow Row(const ContactBundle& bundle) {
    ImportRow row;
    row.contact_key = bundle.state.key;
    row.version = bundle.version;
    row.counts = ImportRow::Counts::kCreated;
    row.write.email = bundle.state.email;
    return row;
  }
  void Append(int64_t job, const std::vector<ImportRow>& rows) {
    ASSERT_OK(store_->AppendImportRows(kConnection, job, rows));
  }
  absl::Status SettleRow(int64_t job, const ContactBundle& bundle, bool keep_mark = false) {
    Settlement settlement;
    settlement.state = bundle.state;
    settlement.version = bundle.version;
    settlement.keep_mark = keep_mark;
    return store_->SettleImportRows(kConnection, job, {settlement}, {}, nullptr);
  }
  int64_t HeldMarks() { return store_->CountMarks(kConnection, "run").value_or(-1); }

  RunLease lease_;
  std::vector<ContactBundle> bundles_;
};
CONNECTOR_ON_ALL_STORES(ImportContract);

class PersistentImportContract : public ImportContract {};
CONNECTOR_ON_PERSISTENT_STORES(PersistentImportContract);

TEST_P(ImportContract, AJobPassesItsStatesInOrder) {
  const int64_t job = Create();
  Append(job, {Row(bundles_[0])});
  EXPECT_CODE(store_->MarkImport(kConnection, job, ImportState::kSent, 5), kFailedPrecondition);
  ASSERT_OK(store_->MarkImport(kConnection, job, ImportState::kIntent, 0));
  EXPECT_CODE(store_->AppendImportRows(kConnection, job, {Row(bundles_[1])}), kFailedPrecondition);
  ASSERT_OK(store_->MarkImport(kConnection, job, ImportState::kSent, 5));
  const auto jobs = store_->OpenImports(kConnection);
  ASSERT_OK(jobs);
  ASSERT_THAT(*jobs, SizeIs(1));
  EXPECT_EQ(jobs->front().id, job);
  EXPECT_EQ(jobs->front().state, ImportState::kSent);
  EXPECT_EQ(jobs->front().process_id, 5);
  EXPECT_EQ(jobs->front().list_id, 60);
  EXPECT_EQ(jobs->front().rows, 1);
  EXPECT_EQ(jobs->front().run_id, "run");
  EXPECT_EQ(jobs->front().created_at, clock_.Now());
  EXPECT_CODE(store_->MarkImport(kConnection, job + 1, ImportState::kIntent, 0), kNotFound);
}

TEST_P(ImportContract, RowsLeaveTheQueueAndComeBackOnClose) {
  const int64_t job = Create();
  Append(job, {Row(bundles_[0])});
  EXPECT_EQ(HeldMarks(), 1);
  EXPECT_THAT(EmailsOf(LeaseDirty("run")), ElementsAre("b@x.org"));
  ASSERT_OK(store_->CloseImport(kConnection, job));
  EXPECT_THAT(*store_->OpenImports(kConnection), IsEmpty());
  const auto again = LeaseDirty("run");
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].state.email, "a@x.org");
  EXPECT_CODE(store_->CloseImport(kConnection, job), kNotFound);
}

TEST_P(ImportContract, WhatOneJobGivesBackAnotherDoesNotClear) {
  for (const bool refused : {false, true}) {
    const ContactBundle bundle = refused ? bundles_[1] : bundles_[0];
    const int64_t attributes = Create();
    const int64_t membership = Create();
    Append(attributes, {Row(bundle)});
    Append(membership, {Row(bundle)});
    if (refused) {
      ASSERT_OK(SettleRow(attributes, bundle, /*keep_mark=*/true));
    }
    ASSERT_OK(store_->CloseImport(kConnection, attributes));
    ASSERT_OK(SettleRow(membership, bundle));
    ASSERT_OK(store_->CloseImport(kConnection, membership));
    EXPECT_THAT(EmailsOf(LeaseDirty("run")), ::testing::Contains(bundle.state.email));
  }
}

TEST_P(ImportContract, RowsAreReadByKey) {
  const int64_t job = Create();
  Append(job, {Row(bundles_[1]), Row(bundles_[0])});
  const auto first = store_->ImportRows(kConnection, job, 0, 1);
  ASSERT_OK(first);
  ASSERT_THAT(*first, SizeIs(1));
  EXPECT_EQ(first->front().contact_key, bundles_[0].state.key);
  EXPECT_EQ(first->front().version, bundles_[0].version);
  EXPECT_EQ(first->front().counts, ImportRow::Counts::kCreated);
  EXPECT_EQ(first->front().write, Row(bundles_[0]).write);
  const auto second = store_->ImportRows(kConnection, job, first->front().contact_key, 10);
  ASSERT_OK(second);
  ASSERT_THAT(*second, SizeIs(1));
  EXPECT_EQ(second->front().contact_key, bundles_[1].state.key);
}

TEST_P(ImportContract, SettlingRemovesTheRowAndClearsTheMark) {
  const int64_t job = Create();
  Append(job, {Row(bundles_[0]), Row(bundles_[1])});
  ASSERT_OK(SettleRow(job, bundles_[0]));
  EXPECT_THAT(*store_->ImportRows(kConnection, job, 0, 10), SizeIs(1));
  ASSERT_OK(store_->CloseImport(kConnection, job));
  EXPECT_THAT(EmailsOf(LeaseDirty("run")), ElementsAre("b@x.org"));
}

TEST_P(ImportContract, AChangeWhileTheJobRunsIsLeasedAfterIt) {
  const int64_t job = Create();
  Append(job, {Row(bundles_[0]), Row(bundles_[1])});
  FoldPersons(lease_, {MakePerson(1, "a@x.org", 2)});
  EXPECT_THAT(LeaseDirty("run"), IsEmpty());
  ASSERT_OK(SettleRow(job, bundles_[0]));
  EXPECT_THAT(EmailsOf(LeaseDirty("run")), ElementsAre("a@x.org"));
}

TEST_P(ImportContract, AContactOfTwoJobsWaitsForBoth) {
  const int64_t attributes = Create();
  const int64_t membership = Create(ImportKind::kMembership);
  Append(attributes, {Row(bundles_[0])});
  Append(membership, {Row(bundles_[0])});
  ASSERT_OK(SettleRow(attributes, bundles_[0]));
  FoldPersons(lease_, {MakePerson(1, "a@x.org", 2)});
  EXPECT_THAT(EmailsOf(LeaseDirty("run")), ElementsAre("b@x.org"));
  ASSERT_OK(SettleRow(membership, bundles_[0]));
  EXPECT_THAT(EmailsOf(LeaseDirty("run")), ElementsAre("a@x.org"));
}

TEST_P(ImportContract, TheSecondOfTwoJobsCanMakeItsContactDirtyAgain) {
  const int64_t attributes = Create();
  const int64_t membership = Create(ImportKind::kMembership);
  Append(attributes, {Row(bundles_[0])});
  Append(membership, {Row(bundles_[0])});
  ASSERT_OK(SettleRow(attributes, bundles_[0]));
  EXPECT_EQ(HeldMarks(), 1) << "only the other contact";
  ASSERT_OK(store_->CloseImport(kConnection, membership));
  EXPECT_EQ(HeldMarks(), 2);

  const int64_t third = Create();
  Append(third, {Row(bundles_[1])});
  ASSERT_OK(SettleRow(third, bundles_[1], /*keep_mark=*/true));
  EXPECT_EQ(HeldMarks(), 2);
}

TEST_P(ImportContract, ARowOfAContactThatIsInTheJobReplacesIt) {
  const int64_t job = Create();
  Append(job, {Row(bundles_[0])});
  ImportRow better = Row(bundles_[0]);
  better.write.join_lists = {60};
  Append(job, {better});
  const auto rows = store_->ImportRows(kConnection, job, 0, 10);
  ASSERT_OK(rows);
  ASSERT_THAT(*rows, SizeIs(1));
  EXPECT_EQ(rows->front().write, better.write);
  EXPECT_EQ(store_->OpenImports(kConnection)->front().rows, 1);
  ASSERT_OK(store_->CloseImport(kConnection, job));
  EXPECT_EQ(HeldMarks(), 2);
  EXPECT_THAT(LeaseDirty("run"), SizeIs(2)) << "counted in one job, not two";
}

TEST_P(ImportContract, SettlingIsAtomicWithProgress) {
  const int64_t job = Create();
  Append(job, {Row(bundles_[0])});
  RunUpdate lost{{kConnection, "run", "somebody else"}, {}};
  Settlement settlement;
  settlement.state = bundles_[0].state;
  settlement.version = bundles_[0].version;
  EXPECT_CODE(store_->SettleImportRows(kConnection, job, {settlement}, {MakeFailure("1")}, &lost),
              kFailedPrecondition);
  EXPECT_THAT(*store_->ImportRows(kConnection, job, 0, 10), SizeIs(1));
  EXPECT_THAT(*store_->ListFailures(kConnection, "", 0, 10), IsEmpty());

  RunUpdate update{lease_, {}};
  update.progress.created = 1;
  ASSERT_OK(store_->SettleImportRows(kConnection, job, {settlement}, {MakeFailure("1")}, &update));
  EXPECT_THAT(*store_->ImportRows(kConnection, job, 0, 10), IsEmpty());
  EXPECT_EQ(store_->GetRun(kConnection, "run")->progress.created, 1);
}

TEST_P(PersistentImportContract, AnOpenJobSurvivesACrash) {
  const int64_t job = Create();
  Append(job, {Row(bundles_[0])});
  Reopen();
  const auto jobs = store_->OpenImports(kConnection);
  ASSERT_OK(jobs);
  ASSERT_THAT(*jobs, SizeIs(1));
  EXPECT_EQ(jobs->front().state, ImportState::kBuilding);
  EXPECT_THAT(EmailsOf(LeaseDirty("run")), ElementsAre("b@x.org"));
  ASSERT_OK(store_->CloseImport(kConnection, job));
  EXPECT_THAT(EmailsOf(LeaseDirty("run")), ElementsAre("a@x.org"));
  EXPECT_GT(Create(), job) << "a job's id is not given twice";
}

TEST_P(ImportContract, RowsComeBackFreeWhenTheirRunIsOver) {
  const int64_t job = Create();
  Append(job, {Row(bundles_[0]), Row(bundles_[1])});
  Finish(lease_);
  ASSERT_OK(store_->CloseImport(kConnection, job));
  EXPECT_THAT(LeaseDirty(""), SizeIs(2));
}

}  // namespace
}  // namespace connector::store
