#include "sync/duplicates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sync_fixture.h"

namespace connector::sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class DuplicatesTest : public connector::testing::SyncFixture {
 protected:
  DuplicatesTest() {
    pipedrive.Put(1, "a@x.de", "Ann");
    pipedrive.Put(2, "A@x.de", "Anna");
    pipedrive.Put(3, "b@x.de", "Bea");
    pipedrive.Put(4, "b@x.de", "Bee");
    pipedrive.Put(5, "c@x.de", "Cleo");
    RunAll();
  }

  absl::StatusOr<MergeOutcome> Merge(int64_t keep, const std::vector<int64_t>& others) {
    const Accounts accounts = MakeAccounts();
    return MergeDuplicates(accounts, keep, others, {});
  }
};

TEST_F(DuplicatesTest, ListsPersonsThatShareAnAddressAPageAtATime) {
  const Accounts accounts = MakeAccounts();
  const auto first = ListDuplicates(accounts, 0, 1);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_THAT(first->groups, SizeIs(1));
  EXPECT_EQ(first->groups[0].email, "a@x.de");
  EXPECT_THAT(first->groups[0].person_ids, ElementsAre(1, 2));
  const auto second = ListDuplicates(accounts, first->last_key, 10);
  ASSERT_THAT(second->groups, SizeIs(1));
  EXPECT_EQ(second->groups[0].email, "b@x.de");
  EXPECT_EQ(second->last_key, 0);
}

// Row 11 of the complaints: a merge must merge on the other side.
TEST_F(DuplicatesTest, MergingKeepsTheContactAndItsFields) {
  const auto merged = Merge(2, {1});
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_THAT(merged->merged, ElementsAre(1));
  EXPECT_THAT(merged->failures, IsEmpty());
  EXPECT_THAT(person_writes.calls, ElementsAre("merge 1 into 2"));
  RunAll();
  EXPECT_EQ(FirstName("a@x.de"), "Anna");
  EXPECT_EQ(brevo.contacts.size(), 3u);
  const Accounts accounts = MakeAccounts();
  EXPECT_THAT(ListDuplicates(accounts, 0, 10)->groups, SizeIs(1));
}

TEST_F(DuplicatesTest, RefusesPersonsThatShareNothing) {
  for (const auto& [keep, other] : {std::pair<int64_t, int64_t>{1, 3}, {1, 1}}) {
    EXPECT_EQ(Merge(keep, {2, other}).status().code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(Merge(9, {1}).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(person_writes.calls, IsEmpty()) << "nothing is done if one is wrong";
}

TEST_F(DuplicatesTest, ARefusedMergeIsAFailureOfItsPerson) {
  pipedrive.persons.erase(2);
  const auto merged = Merge(1, {2});
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_THAT(merged->merged, IsEmpty());
  ASSERT_THAT(merged->failures, SizeIs(1));
  EXPECT_EQ(merged->failures[0].reason, FailureReason::kNotFound);
}

}  // namespace
}  // namespace connector::sync
