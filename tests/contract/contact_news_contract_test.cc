// What Brevo tells of contacts by itself, and what of it outlives a write that is under way.

#include "contract/events_contract.h"

namespace connector::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ContactNewsContract : public EventsContract {
 protected:
  void SetUp() override {
    EventsContract::SetUp();
    Ingest(WithPersons({MakePerson(1, "a@x.org"), MakePerson(2, "b@x.org")}));
    Converge();
  }
  static ContactNews::Fold Block(bool* leased = nullptr) {
    return [leased](ContactState& state, bool is_leased) {
      if (leased != nullptr) *leased = is_leased;
      state.email_blacklisted = true;
      return ContactNews::Outcome{};
    };
  }
  static IngestBatch News(int64_t contact, ContactNews::Fold fold) {
    IngestBatch batch;
    ContactNews& news = batch.contact_news.emplace_back();
    news.contact = contact;
    news.fold = std::move(fold);
    return batch;
  }
  LiveMarks Marks() { return *store_->CountLiveMarks(kConnection, clock_.Now()); }
};
CONNECTOR_ON_ALL_STORES(ContactNewsContract);

TEST_P(ContactNewsContract, NewsAreFoldedAndTheContactIsMarkedPromptly) {
  Ingest(News(KeyOf("a@x.org"), Block()));
  EXPECT_TRUE(ByEmail("a@x.org").email_blacklisted);
  EXPECT_FALSE(ByEmail("b@x.org").email_blacklisted);
  EXPECT_EQ(Marks().prompt, 1);
}

TEST_P(ContactNewsContract, WhatNeedsNoWriteMarksNothing) {
  Ingest(News(KeyOf("a@x.org"), [](ContactState&, bool) { return ContactNews::Outcome{}; }));
  Ingest(News(KeyOf("a@x.org"), [](ContactState& state, bool) {
    state.existence = Existence::kAbsent;
    return ContactNews::Outcome{.mark = false};
  }));
  EXPECT_EQ(ByEmail("a@x.org").existence, Existence::kAbsent);
  EXPECT_EQ(Marks().prompt, 0);
}

TEST_P(ContactNewsContract, AContactWithoutPersonsIsNotMarked) {
  const RunLease run = Start("r");
  FoldContacts(run, {MakeContact(9, "stranger@x.org")});
  Ingest(News(KeyOf("stranger@x.org"), Block()));
  EXPECT_TRUE(ByEmail("stranger@x.org").email_blacklisted);
  EXPECT_EQ(Marks().prompt, 0);
}

TEST_P(ContactNewsContract, ALookFindsItsContactByNumberAddressOrExtId) {
  IngestBatch batch = News(0, nullptr);
  batch.contact_news[0].seen = MakeContact(9, "A@X.org");
  batch.contact_news[0].fold = [](ContactState& state, bool) {
    state.brevo_id = 9;
    return ContactNews::Outcome{};
  };
  Ingest(batch);
  EXPECT_EQ(ByEmail("a@x.org").brevo_id, 9);
  batch.contact_news[0].seen = MakeContact(9, "moved@x.org");
  batch.contact_news[0].fold = [](ContactState& state, bool) {
    state.email = "moved@x.org";
    return ContactNews::Outcome{};
  };
  Ingest(batch);
  EXPECT_EQ(ByEmail("moved@x.org").brevo_id, 9);
  EXPECT_EQ(KeyOf("a@x.org"), 0);
}

TEST_P(ContactNewsContract, ALookAtAStrangerStoresIt) {
  IngestBatch batch = News(0, nullptr);
  batch.contact_news[0].seen = MakeContact(77, "new@x.org");
  batch.contact_news[0].fold = [](ContactState& state, bool) {
    state.brevo_id = 77;
    state.email = "new@x.org";
    return ContactNews::Outcome{};
  };
  Ingest(batch);
  EXPECT_EQ(ByEmail("new@x.org").brevo_id, 77);
}

TEST_P(ContactNewsContract, FailuresOfAFoldAreRecorded) {
  Ingest(News(KeyOf("a@x.org"), [](ContactState&, bool) {
    return ContactNews::Outcome{.failures = {MakeFailure("a@x.org")}};
  }));
  EXPECT_THAT(*store_->ListFailures(kConnection, "", 0, 10), SizeIs(1));
}

TEST_P(ContactNewsContract, AFoldIsToldWhetherSomebodyIsWriting) {
  bool leased = true;
  Ingest(News(KeyOf("a@x.org"), Block(&leased)));
  EXPECT_FALSE(leased);
  const auto dirty = LeaseDirty("");
  ASSERT_THAT(dirty, SizeIs(1));
  Ingest(News(KeyOf("a@x.org"), Block(&leased)));
  EXPECT_TRUE(leased);
  clock_.Advance(2 * kMinute);
  Ingest(News(KeyOf("a@x.org"), Block(&leased)));
  EXPECT_FALSE(leased) << "the lease ran out";
}

TEST_P(ContactNewsContract, WhatIsNotTakenComesRoundAgain) {
  AppendAll({Entry("k1", "contact/a"), Entry("k2", "contact/a"), Entry("k3", "contact/b")});
  const auto events = Lease();
  ASSERT_THAT(events, SizeIs(3));
  IngestBatch batch = News(KeyOf("a@x.org"), [](ContactState& state, bool) {
    state.email_blacklisted = true;
    return ContactNews::Outcome{.taken = false};
  });
  batch.contact_news[0].events = {events[0].id};
  for (const LeasedEvent& event : events) batch.settled.push_back({event.id, {}});
  ASSERT_OK(FinishBatch(batch));
  EXPECT_FALSE(ByEmail("a@x.org").email_blacklisted);
  EXPECT_EQ(Depth().inbox_events, 1) << "the others are settled";
  EXPECT_THAT(Lease(), IsEmpty()) << "not at once";
  clock_.Advance(std::chrono::seconds(10));
  const auto again = Lease();
  EXPECT_THAT(KeysOf(again), ElementsAre("k1"));
  EXPECT_EQ(again[0].attempts, 1) << "that was no attempt";
}

TEST_P(ContactNewsContract, NewsOutliveAWriteThatBeganBefore) {
  Ingest(News(KeyOf("a@x.org"), Block()));
  auto dirty = LeaseDirty("");
  ASSERT_THAT(dirty, SizeIs(1));
  Ingest(News(KeyOf("a@x.org"), [](ContactState& state, bool) {
    state.lists_left = {5};
    return ContactNews::Outcome{};
  }));
  Settlement settlement;
  settlement.before = dirty[0].state;
  settlement.state = dirty[0].state;
  settlement.state.ext_id = "pd-1-1";
  EnsureField(settlement.state, "A").unconfirmed = std::string("a");
  settlement.version = dirty[0].version;
  ASSERT_OK(store_->SettleContacts(kConnection, {settlement}, {}, nullptr));
  const ContactState state = ByEmail("a@x.org");
  EXPECT_THAT(state.lists_left, ElementsAre(5));
  EXPECT_EQ(state.ext_id, "pd-1-1");
  EXPECT_EQ(FindField(state, "A")->unconfirmed, Value("a"));
  EXPECT_EQ(state.written_at, clock_.Now());
  EXPECT_THAT(LeaseDirty(""), SizeIs(1)) << "the news are still to be converged";
}

TEST_P(ContactNewsContract, ContactsAreFoundByAddress) {
  const auto found = store_->FindContacts(kConnection, {"b@x.org", "nobody@x.org", "a@x.org"});
  ASSERT_OK(found);
  ASSERT_THAT(*found, SizeIs(3));
  EXPECT_EQ(found->at(0)->state.email, "b@x.org");
  EXPECT_THAT(found->at(0)->persons, ElementsAre(2));
  EXPECT_EQ(found->at(1), std::nullopt);
  EXPECT_THAT(found->at(2)->persons, ElementsAre(1));
  IngestBatch gone;
  gone.gone_persons = {1};
  Ingest(gone);
  EXPECT_THAT(store_->FindContacts(kConnection, {"a@x.org"})->at(0)->persons, IsEmpty());
  EXPECT_EQ(store_->FindContacts("another", {"a@x.org"})->at(0), std::nullopt);
}

TEST_P(ContactNewsContract, ContactsWithoutAPersonAreListedByKey) {
  EXPECT_THAT(*store_->ContactsWithoutPerson(kConnection, 0, 10), IsEmpty());
  const RunLease lease = Start("r9");
  FoldContacts(lease, {MakeContact(900, "stranger@x.org")});
  const auto found = store_->ContactsWithoutPerson(kConnection, 0, 10);
  ASSERT_OK(found);
  ASSERT_THAT(*found, SizeIs(1));
  EXPECT_EQ(found->at(0).email, "stranger@x.org");
  EXPECT_THAT(*store_->ContactsWithoutPerson(kConnection, found->at(0).key, 10), IsEmpty());
  EXPECT_THAT(*store_->ContactsWithoutPerson("another", 0, 10), IsEmpty());
  // Of a person that is deleted it stays the contact.
  IngestBatch gone;
  gone.gone_persons = {1};
  Ingest(gone);
  EXPECT_THAT(*store_->ContactsWithoutPerson(kConnection, 0, 10), SizeIs(1));
}

}  // namespace
}  // namespace connector::store
