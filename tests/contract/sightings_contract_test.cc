// What a run of everything has seen, held against what is stored.

#include "contract/store_contract.h"

namespace connector::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SightingsContract : public StoreContract {
 protected:
  // All that the run did not see, compared by `limit`.
  std::vector<int64_t> Unseen(const RunLease& lease, Sighted what, int limit = 1000) {
    std::vector<int64_t> all;
    for (int64_t after = 0;;) {
      const auto page = store_->UnseenAfter(lease, what, after, limit);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok() || page->compared == 0) return all;
      EXPECT_LE(page->compared, limit);
      after = page->last_id;
      all.insert(all.end(), page->ids.begin(), page->ids.end());
    }
  }
  void Fold(const RunLease& lease, int64_t persons) {
    std::vector<PersonRow> rows;
    for (int64_t id = 1; id <= persons; ++id) {
      rows.push_back(MakePerson(id, "p" + std::to_string(id) + "@x.io"));
    }
    FoldPersons(lease, rows);
  }
};

TEST_P(SightingsContract, WhatNoPageShowedIsUnseen) {
  const RunLease lease = Start("run");
  Fold(lease, 9);
  EXPECT_THAT(Unseen(lease, Sighted::kPersons), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9))
      << "nothing was noted";
  ASSERT_OK(store_->NoteSeen(lease, Sighted::kPersons, {4, 1, 2}));
  ASSERT_OK(store_->NoteSeen(lease, Sighted::kPersons, {5, 6, 8}));
  ASSERT_OK(store_->NoteSeen(lease, Sighted::kPersons, {}));
  ASSERT_OK(store_->NoteSeen(lease, Sighted::kContacts, {3, 7, 9}));
  for (const int limit : {1, 2, 3, 1000}) {
    EXPECT_THAT(Unseen(lease, Sighted::kPersons, limit), ElementsAre(3, 7, 9)) << limit;
  }
}

TEST_P(SightingsContract, PagesMayOverlapAndComeAgain) {
  const RunLease lease = Start("run");
  Fold(lease, 5);
  ASSERT_OK(store_->NoteSeen(lease, Sighted::kPersons, {1, 5}));
  ASSERT_OK(store_->NoteSeen(lease, Sighted::kPersons, {2, 3}));
  ASSERT_OK(store_->NoteSeen(lease, Sighted::kPersons, {2, 3}));
  EXPECT_THAT(Unseen(lease, Sighted::kPersons, 2), ElementsAre(4));
}

TEST_P(SightingsContract, DeletedPersonsAreNotMissed) {
  const RunLease lease = Start("run");
  Fold(lease, 3);
  IngestBatch batch;
  batch.gone_persons = {2};
  ASSERT_OK(store_->FinishIngest(kConnection, "", batch));
  ASSERT_OK(store_->NoteSeen(lease, Sighted::kPersons, {1}));
  EXPECT_THAT(Unseen(lease, Sighted::kPersons), ElementsAre(3));
}

TEST_P(SightingsContract, ContactsAreMissedByBrevosNumber) {
  const RunLease lease = Start("run");
  Fold(lease, 2);  // contacts without a number: Brevo never showed them
  FoldContacts(lease, {MakeContact(50, "a@x.io"), MakeContact(70, "b@x.io")});
  ASSERT_OK(store_->NoteSeen(lease, Sighted::kContacts, {50, 60}));
  EXPECT_THAT(Unseen(lease, Sighted::kContacts), ElementsAre(70));
}

TEST_P(SightingsContract, ALaterRunHasSeenNothingYet) {
  const RunLease first = Start("first");
  Fold(first, 2);
  ASSERT_OK(store_->NoteSeen(first, Sighted::kPersons, {1, 2}));
  EXPECT_THAT(Unseen(first, Sighted::kPersons), IsEmpty());
  Finish(first);
  const RunLease second = Start("second");
  EXPECT_THAT(Unseen(second, Sighted::kPersons), ElementsAre(1, 2));
  EXPECT_CODE(store_->NoteSeen(first, Sighted::kPersons, {1}), kFailedPrecondition);
}

TEST_P(SightingsContract, IdsMayBeFarApart) {
  const RunLease lease = Start("run");
  std::vector<PersonRow> rows;
  for (const int64_t id : {int64_t{1}, int64_t{1} << 40, (int64_t{1} << 40) + 1}) {
    rows.push_back(MakePerson(id, "p" + std::to_string(id) + "@x.io"));
  }
  FoldPersons(lease, rows);
  ASSERT_OK(store_->NoteSeen(lease, Sighted::kPersons, {int64_t{1} << 40, 1}));
  EXPECT_THAT(Unseen(lease, Sighted::kPersons, 1), ElementsAre((int64_t{1} << 40) + 1));
}

CONNECTOR_ON_ALL_STORES(SightingsContract);

}  // namespace
}  // namespace connector::store
