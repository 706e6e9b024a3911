// What is to be converged without a run: events mark contacts so, ended runs do not.

#include "contract/store_contract.h"

namespace connector::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class LiveContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    const RunLease lease = Start("first");
    FoldPersons(lease, {MakePerson(1, "a@x.io"), MakePerson(2, "b@x.io"), MakePerson(3, "c@x.io")});
    for (const ContactBundle& bundle : LeaseDirty("first")) ASSERT_OK(Settle(bundle));
    Finish(lease);
  }

  void Mark(const std::string& email, Urgency urgency) {
    ASSERT_OK(store_->MarkContacts(kConnection, {KeyOf(email)}, urgency));
  }
  LiveMarks Count() { return store_->CountLiveMarks(kConnection, clock_.Now()).value(); }
  std::vector<ContactBundle> Lease(Urgency urgency, int limit = 500) {
    MarkFilter filter;
    filter.urgency = urgency;
    filter.limit = limit;
    return store_->LeaseContacts(kConnection, filter, "live", clock_.Now(), kMinute).value();
  }
};

TEST_P(LiveContract, GivesOutMarksByUrgency) {
  Mark("a@x.io", Urgency::kBulk);
  Mark("b@x.io", Urgency::kPrompt);
  EXPECT_EQ(Count().bulk, 1);
  EXPECT_EQ(Count().prompt, 1);
  EXPECT_THAT(EmailsOf(Lease(Urgency::kPrompt)), ElementsAre("b@x.io"));
  EXPECT_THAT(Lease(Urgency::kPrompt), IsEmpty()) << "leased";
  EXPECT_EQ(Count().prompt, 0) << "what is leased is not counted";
  EXPECT_THAT(EmailsOf(Lease(Urgency::kBulk)), ElementsAre("a@x.io"));
}

TEST_P(LiveContract, AMarkBecomesMoreUrgentAndNeverLess) {
  Mark("a@x.io", Urgency::kBulk);
  Mark("a@x.io", Urgency::kPrompt);
  Mark("a@x.io", Urgency::kBulk);
  EXPECT_EQ(Count().bulk, 0);
  EXPECT_THAT(EmailsOf(Lease(Urgency::kPrompt)), ElementsAre("a@x.io"));
}

TEST_P(LiveContract, ASettledContactStartsAnew) {
  Mark("a@x.io", Urgency::kPrompt);
  for (const ContactBundle& bundle : Lease(Urgency::kPrompt)) ASSERT_OK(Settle(bundle));
  EXPECT_EQ(Count().prompt, 0);
  Mark("a@x.io", Urgency::kBulk);
  EXPECT_EQ(Count().prompt, 0);
  EXPECT_EQ(Count().bulk, 1);
}

TEST_P(LiveContract, AnEventTakesAContactOutOfTheHandsOfARun) {
  const RunLease run = Start("second");
  FoldPersons(run, {MakePerson(1, "a@x.io", 5)});
  EXPECT_EQ(Count().bulk + Count().prompt, 0) << "the run's own";
  Mark("a@x.io", Urgency::kPrompt);
  EXPECT_THAT(LeaseDirty("second"), IsEmpty());
  EXPECT_THAT(EmailsOf(Lease(Urgency::kPrompt)), ElementsAre("a@x.io"));
}

TEST_P(LiveContract, WhatACancelledRunLeavesBehindWaitsForTheNextRun) {
  const RunLease run = Start("second");
  FoldPersons(run, {MakePerson(1, "a@x.io", 5)});
  Finish(run, RunState::kCancelled);
  EXPECT_EQ(Count().bulk + Count().prompt, 0);
  EXPECT_THAT(Lease(Urgency::kPrompt), IsEmpty());
  EXPECT_THAT(Lease(Urgency::kBulk), IsEmpty());
  EXPECT_THAT(EmailsOf(LeaseDirty("")), ElementsAre("a@x.io"));
}

TEST_P(LiveContract, RowsOfALostImportAreLiveAgain) {
  Mark("a@x.io", Urgency::kPrompt);
  const ContactBundle bundle = Lease(Urgency::kPrompt).at(0);
  const int64_t job = store_->CreateImport(kConnection, {.list_id = 7}).value();
  ASSERT_OK(store_->AppendImportRows(
      kConnection, job, {{.contact_key = bundle.state.key, .version = bundle.version}}));
  EXPECT_EQ(Count().prompt, 0);
  ASSERT_OK(store_->CloseImport(kConnection, job));
  EXPECT_EQ(Count().prompt, 1);
}

TEST_P(LiveContract, WhatIsTriedAgainLaterIsNotDueYet) {
  Mark("a@x.io", Urgency::kPrompt);
  const ContactBundle bundle = Lease(Urgency::kPrompt).at(0);
  ASSERT_OK(store_->SettleContacts(kConnection,
                                   {{.state = bundle.state,
                                     .version = bundle.version,
                                     .keep_mark = true,
                                     .retry_after = kMinute}},
                                   {}, nullptr));
  EXPECT_EQ(Count().prompt, 0);
  clock_.Advance(kMinute);
  EXPECT_EQ(Count().prompt, 1);
  EXPECT_EQ(Count().oldest_prompt, clock_.Now() - kMinute);
}

CONNECTOR_ON_ALL_STORES(LiveContract);

}  // namespace
}  // namespace connector::store
