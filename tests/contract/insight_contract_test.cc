// Looks at what is known, which change nothing.

#include "contract/store_contract.h"

namespace connector::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class InsightContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    lease_ = Start("first");
    FoldPersons(lease_, {MakePerson(1, "a@x.io"), MakePerson(2, "b@x.io"), MakePerson(3, "a@x.io"),
                         MakePerson(4, "")});
  }

  RunLease lease_;
};

TEST_P(InsightContract, ReadsAContactWithItsPersonsWhetherItIsDirtyOrNot) {
  const int64_t key = KeyOf("a@x.io");
  for (const ContactBundle& bundle : LeaseDirty("first")) ASSERT_OK(Settle(bundle));
  const auto bundle = store_->BundleOfContact(kConnection, key);
  ASSERT_OK(bundle);
  ASSERT_TRUE(bundle->has_value());
  EXPECT_THAT((*bundle)->persons, SizeIs(2));
  EXPECT_EQ((*bundle)->state.email, "a@x.io");
  EXPECT_FALSE(store_->BundleOfContact(kConnection, 999)->has_value());
  EXPECT_FALSE(store_->BundleOfContact("other", key)->has_value());
}

TEST_P(InsightContract, WalksAllContactsByKey) {
  FoldContacts(lease_, {MakeContact(50, "stranger@x.io")});
  std::vector<ContactBundle> all;
  for (int64_t after = 0;;) {
    const auto page = store_->BundlesAfter(kConnection, after, 2);
    ASSERT_OK(page);
    if (page->empty()) break;
    after = page->back().state.key;
    all.insert(all.end(), page->begin(), page->end());
  }
  EXPECT_THAT(EmailsOf(all), ElementsAre("a@x.io", "b@x.io", "stranger@x.io"));
  EXPECT_THAT(all[2].persons, IsEmpty());
}

TEST_P(InsightContract, SaysWhatAClaimWouldComeToAndTakesNothing) {
  const Identifier phone{Identifier::Kind::kSms, "49301234"};
  const std::vector<Claim> claims = {
      {KeyOf("a@x.io"), phone},
      {KeyOf("b@x.io"), phone},
      {KeyOf("b@x.io"), {Identifier::Kind::kEmail, "a@x.io"}},
      {KeyOf("b@x.io"), {Identifier::Kind::kEmail, "b@x.io"}},
  };
  EXPECT_THAT(store_->MayClaim(kConnection, claims).value(), ElementsAre(true, false, false, true));
  EXPECT_FALSE(store_->FindContact(kConnection, phone)->has_value());
}

TEST_P(InsightContract, FindsPersonsAndContactsByTheirNumbers) {
  FoldContacts(lease_, {MakeContact(50, "a@x.io")});
  EXPECT_EQ((*store_->FindContactById(kConnection, 50))->email, "a@x.io");
  EXPECT_FALSE(store_->FindContactById(kConnection, 51)->has_value());
  EXPECT_FALSE(store_->FindContactById(kConnection, 0)->has_value());
  EXPECT_EQ((*store_->FindPerson(kConnection, 3))->contact_key, KeyOf("a@x.io"));
  EXPECT_FALSE((*store_->FindPerson(kConnection, 4))->contact_key);
  EXPECT_FALSE(store_->FindPerson(kConnection, 9)->has_value());
  const auto unbound = store_->UnboundPersonsAfter(kConnection, 0, 10);
  ASSERT_OK(unbound);
  ASSERT_THAT(*unbound, SizeIs(1));
  EXPECT_EQ(unbound->front().id, 4);
}

TEST_P(InsightContract, FindsContactsThatSeveralPersonsShare) {
  EXPECT_THAT(store_->SharedContactsAfter(kConnection, 0, 10).value(),
              ElementsAre(KeyOf("a@x.io")));
  EXPECT_THAT(store_->SharedContactsAfter(kConnection, KeyOf("a@x.io"), 10).value(), IsEmpty());
  PersonRow gone = MakePerson(3, "a@x.io", 5);
  gone.person.is_deleted = true;
  FoldPersons(lease_, {gone});
  EXPECT_THAT(store_->SharedContactsAfter(kConnection, 0, 10).value(), IsEmpty());
}

TEST_P(InsightContract, TellsWhatIsStillToBeDone) {
  const int64_t key = KeyOf("a@x.io");
  EXPECT_TRUE(store_->PendingWorkOf(kConnection, key, {1, 3})->dirty);
  for (const ContactBundle& bundle : LeaseDirty("first")) ASSERT_OK(Settle(bundle));
  const auto quiet = store_->PendingWorkOf(kConnection, key, {1, 3});
  ASSERT_OK(quiet);
  EXPECT_FALSE(quiet->dirty);
  EXPECT_FALSE(quiet->marked_at);
  ASSERT_OK(store_->MarkContacts(kConnection, {key}, Urgency::kPrompt));
  const auto marked = store_->PendingWorkOf(kConnection, key, {1, 3});
  EXPECT_TRUE(marked->dirty);
  EXPECT_EQ(marked->urgency, Urgency::kPrompt);
  EXPECT_EQ(marked->marked_at, clock_.Now());
}

TEST_P(InsightContract, FindsFailuresOfARecord) {
  ASSERT_OK(
      store_->RecordFailures(kConnection, {MakeFailure("1"), MakeFailure("2"), MakeFailure("1")}));
  const auto found = store_->FailuresOf(kConnection, {"1", "a@x.io"}, 10);
  ASSERT_OK(found);
  ASSERT_THAT(*found, SizeIs(2));
  EXPECT_GT((*found)[0].id, (*found)[1].id) << "the newest first";
  EXPECT_THAT(store_->FailuresOf(kConnection, {"1"}, 1).value(), SizeIs(1));
}

CONNECTOR_ON_ALL_STORES(InsightContract);

}  // namespace
}  // namespace connector::store
