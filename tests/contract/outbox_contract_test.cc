#include "contract/events_contract.h"

namespace connector::store {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

class OutboxContract : public EventsContract {
 protected:
  static OutboxEvent Event(const std::string& key, int64_t person = 1) {
    OutboxEvent event;
    event.key = key;
    event.person_id = person;
    event.name = "deal_updated";
    event.occurred_at = Time(kMinute);
    event.contact_properties = {{"FULLNAME", std::string("Zoë")}};
    event.event_properties = {{"stage", std::string("Won")}, {"value", 12.5}, {"n", Value{}}};
    return event;
  }
  // Persons 1 and 2 with contacts that are written, person 3 without one; and these events.
  void Fill(const std::vector<OutboxEvent>& events) {
    Ingest(WithPersons({MakePerson(1, "a@x.org"), MakePerson(2, "b@x.org"), MakePerson(3, "")}));
    Converge();
    Add(events);
  }
  void Add(const std::vector<OutboxEvent>& events) {
    IngestBatch batch;
    batch.events = events;
    Ingest(batch);
  }
  std::vector<LeasedOutboxEvent> LeaseOut(const std::string& owner = "o", int limit = 10) {
    auto events = store_->LeaseOutbox(kConnection, owner, clock_.Now(), kMinute, limit);
    EXPECT_TRUE(events.ok()) << events.status();
    return events.ok() ? *std::move(events) : std::vector<LeasedOutboxEvent>{};
  }
  std::vector<LeasedOutboxEvent> LeaseParkedOnes(const std::string& owner = "p", int limit = 10) {
    auto events = store_->LeaseParked(kConnection, owner, clock_.Now(), kMinute, limit);
    EXPECT_TRUE(events.ok()) << events.status();
    return events.ok() ? *std::move(events) : std::vector<LeasedOutboxEvent>{};
  }
  static std::vector<std::string> KeysOut(const std::vector<LeasedOutboxEvent>& events) {
    std::vector<std::string> keys;
    for (const LeasedOutboxEvent& event : events) keys.push_back(event.event.key);
    return keys;
  }
  absl::Status Intend(const std::vector<LeasedOutboxEvent>& events,
                      const std::string& owner = "o") {
    std::vector<int64_t> ids;
    for (const LeasedOutboxEvent& event : events) ids.push_back(event.id);
    return store_->MarkOutboxIntent(kConnection, owner, ids, clock_.Now());
  }
  absl::Status SettleOut(const OutboxSettlement& settlement, const std::string& owner = "o") {
    return store_->SettleOutbox(kConnection, owner, settlement);
  }
};
CONNECTOR_ON_ALL_STORES(OutboxContract);

TEST_P(OutboxContract, AnEventComesBackWithItsContact) {
  Fill({Event("e"), Event("nobody's", 3), Event("a stranger's", 99)});
  const auto events = LeaseOut();
  ASSERT_THAT(KeysOut(events), ElementsAre("e", "nobody's", "a stranger's"));
  EXPECT_EQ(events[0].event, Event("e"));
  EXPECT_EQ(events[0].attempts, 0);
  ASSERT_TRUE(events[0].contact.has_value());
  EXPECT_EQ(events[0].contact->email, "a@x.org");
  EXPECT_FALSE(events[1].contact.has_value());
  EXPECT_FALSE(events[2].contact.has_value());
}

TEST_P(OutboxContract, AKeyIsTakenOnceForAWeek) {
  Fill({Event("e"), Event("e", 2)});
  EXPECT_EQ(Depth().outbox_events, 1);
  const auto events = LeaseOut();
  ASSERT_THAT(events, SizeIs(1));
  ASSERT_OK(SettleOut({.done = {events[0].id}}));
  Add({Event("e")});
  EXPECT_THAT(LeaseOut(), IsEmpty());
  clock_.Advance(std::chrono::hours(24 * 7) + kMinute);
  ASSERT_OK(store_->Prune(Time{}));
  Add({Event("e")});
  EXPECT_THAT(KeysOut(LeaseOut()), ElementsAre("e"));
}

TEST_P(OutboxContract, AnEventWaitsForItsContactsWrite) {
  Fill({Event("1", 1), Event("2", 2)});
  Ingest(WithPersons({MakePerson(1, "a@x.org", 7)}));
  EXPECT_THAT(KeysOut(LeaseOut()), ElementsAre("2"));
  const auto dirty = LeaseDirty("");
  ASSERT_THAT(dirty, SizeIs(1));
  EXPECT_THAT(LeaseOut(), IsEmpty()) << "being written is not written";
  ASSERT_OK(Settle(dirty[0]));
  EXPECT_THAT(KeysOut(LeaseOut()), ElementsAre("1"));
}

TEST_P(OutboxContract, AnEventWaitsForTheImportOfItsContact) {
  Fill({Event("1", 1)});
  const auto job = store_->CreateImport(kConnection, {});
  ASSERT_OK(job);
  ImportRow row;
  row.contact_key = KeyOf("a@x.org");
  ASSERT_OK(store_->AppendImportRows(kConnection, *job, {row}));
  EXPECT_THAT(LeaseOut(), IsEmpty());
}

TEST_P(OutboxContract, AContactThatCannotBeWrittenHoldsItsEventsForTenMinutes) {
  Fill({Event("1", 1)});
  Ingest(WithPersons({MakePerson(1, "a@x.org", 7)}));
  clock_.Advance(std::chrono::minutes(10) - Duration(1));
  EXPECT_THAT(LeaseOut(), IsEmpty());
  clock_.Advance(Duration(1));
  EXPECT_THAT(KeysOut(LeaseOut()), ElementsAre("1"));
}

TEST_P(OutboxContract, AnEventThatComesWithItsContactsChangeWaitsForTheWrite) {
  Ingest(WithPersons({MakePerson(1, "a@x.org"), MakePerson(2, "b@x.org")}));
  Add({Event("1", 1), Event("2", 2), Event("1 again", 1)});
  EXPECT_THAT(LeaseOut(), IsEmpty());
  for (const ContactBundle& bundle : LeaseDirty("")) {
    if (bundle.state.email == "a@x.org") ASSERT_OK(Settle(bundle));
  }
  EXPECT_THAT(KeysOut(LeaseOut()), ElementsAre("1", "1 again"));
}

TEST_P(OutboxContract, ARetriedEventWaitsForAWriteOnlyAsLongAsThatTakes) {
  Fill({Event("1", 1)});
  const auto events = LeaseOut();
  ASSERT_OK(Intend(events));
  ASSERT_OK(SettleOut({.retries = {{events[0].id, clock_.Now()}}}));
  Ingest(WithPersons({MakePerson(1, "a@x.org", 7)}));
  EXPECT_THAT(LeaseOut(), IsEmpty());
  Converge();
  EXPECT_THAT(KeysOut(LeaseOut()), ElementsAre("1"));
}

TEST_P(OutboxContract, AnEventOfAMergedPersonIsItsNewContacts) {
  Ingest(WithPersons({MakePerson(1, "a@x.org"), MakePerson(2, "b@x.org")}));
  Converge();
  Ingest(WithPersons({MakePerson(1, "a@x.org", 7)}));
  Add({Event("1", 1)});
  EXPECT_THAT(LeaseOut(), IsEmpty());
  IngestBatch merged;
  merged.merges = {{.from = 1, .to = 2}};
  Ingest(merged);
  for (const ContactBundle& bundle : LeaseDirty("")) {
    if (bundle.state.email == "b@x.org") ASSERT_OK(Settle(bundle));
  }
  EXPECT_THAT(KeysOut(LeaseOut()), ElementsAre("1"));
}

// More than one look takes in: those that wait must not hide those that are due.
TEST_P(OutboxContract, ThousandsThatWaitHideNothing) {
  Ingest(WithPersons({MakePerson(1, "a@x.org"), MakePerson(2, "b@x.org")}));
  Converge();
  std::vector<OutboxEvent> events;
  for (int i = 0; i < 5000; ++i) events.push_back(Event(std::to_string(i), 1));
  events.push_back(Event("due", 2));
  Add(events);
  Ingest(WithPersons({MakePerson(1, "a@x.org", 7)}));
  std::vector<std::string> found;
  for (int looks = 0; looks < 4; ++looks) {
    for (std::string& key : KeysOut(LeaseOut())) found.push_back(std::move(key));
  }
  EXPECT_THAT(found, ElementsAre("due"));
  Converge();
  EXPECT_THAT(KeysOut(LeaseOut("o", 3)), ElementsAre("0", "1", "2"));
}

TEST_P(OutboxContract, AContactsEventsAreOneLeasersAndKeepTheirOrder) {
  Fill({Event("a1", 1), Event("b1", 2), Event("a2", 1), Event("a3", 1)});
  const auto first = LeaseOut("o", 1);
  ASSERT_THAT(KeysOut(first), ElementsAre("a1"));
  EXPECT_THAT(KeysOut(LeaseOut("other")), ElementsAre("b1"));
  ASSERT_OK(Intend(first));
  EXPECT_THAT(LeaseOut("other"), IsEmpty()) << "one of them is leaving";
  ASSERT_OK(SettleOut({.retries = {{first[0].id, clock_.Now() + kMinute}}}));
  EXPECT_THAT(LeaseOut("other"), IsEmpty()) << "one of them waits";
  clock_.Advance(kMinute);
  const auto again = LeaseOut("o");
  ASSERT_THAT(KeysOut(again), ElementsAre("a1", "b1", "a2", "a3")) << "b1's lease ran out";
  EXPECT_EQ(again[0].attempts, 1);
}

TEST_P(OutboxContract, AnEventWhoseSenderDiedIsAmbiguous) {
  Fill({Event("intended", 1), Event("leased", 2)});
  const auto events = LeaseOut();
  ASSERT_OK(Intend({events[0]}));
  const Time intent = clock_.Now();
  EXPECT_THAT(LeaseParkedOnes(), IsEmpty()) << "it may still be answered";
  clock_.Advance(kMinute);
  EXPECT_THAT(KeysOut(LeaseOut()), ElementsAre("leased")) << "that one never left";
  const auto parked = LeaseParkedOnes();
  ASSERT_THAT(KeysOut(parked), ElementsAre("intended"));
  EXPECT_EQ(parked[0].intent_at, intent);
  EXPECT_EQ(parked[0].looks, 0);
  ASSERT_TRUE(parked[0].contact.has_value());
}

TEST_P(OutboxContract, LooksAreCountedUntilItIsSentAgain) {
  Fill({Event("e")});
  auto events = LeaseOut();
  ASSERT_OK(Intend(events));
  ASSERT_OK(SettleOut({.parked = {{events[0].id, clock_.Now() + kMinute}}}));
  EXPECT_THAT(LeaseOut(), IsEmpty());
  EXPECT_THAT(LeaseParkedOnes(), IsEmpty()) << "not due yet";
  for (int looks = 0; looks < 3; ++looks) {
    clock_.Advance(kMinute);
    events = LeaseParkedOnes();
    ASSERT_THAT(events, SizeIs(1));
    EXPECT_EQ(events[0].looks, looks);
    ASSERT_OK(SettleOut({.parked = {{events[0].id, clock_.Now() + kMinute}}}, "p"));
  }
  clock_.Advance(kMinute);
  events = LeaseParkedOnes();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].looks, 3);
  ASSERT_OK(SettleOut({.retries = {{events[0].id, clock_.Now()}}}, "p"));
  events = LeaseOut();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].looks, 0);
  EXPECT_EQ(events[0].intent_at, std::nullopt);
}

TEST_P(OutboxContract, AParkedEventHoldsNobodyBack) {
  Fill({Event("1"), Event("2")});
  const auto events = LeaseOut("o", 1);
  ASSERT_OK(Intend(events));
  ASSERT_OK(SettleOut({.parked = {{events[0].id, clock_.Now() + kMinute}}}));
  EXPECT_THAT(KeysOut(LeaseOut()), ElementsAre("2"));
}

TEST_P(OutboxContract, OnlyTheHolderSettles) {
  Fill({Event("1"), Event("2", 2)});
  const auto lost = LeaseOut("dead");
  clock_.Advance(kMinute);
  const auto events = LeaseOut("o");
  ASSERT_THAT(events, SizeIs(2));
  EXPECT_CODE(Intend(lost, "dead"), kFailedPrecondition);
  EXPECT_CODE(SettleOut({.done = {lost[0].id}}, "dead"), kFailedPrecondition);
  ASSERT_OK(SettleOut({.done = {events[0].id}, .failures = {MakeFailure("1")}}));
  EXPECT_CODE(SettleOut({.done = {events[1].id, events[0].id}, .failures = {MakeFailure("2")}}),
              kFailedPrecondition)
      << "nothing of it is taken";
  EXPECT_EQ(Depth().outbox_events, 1);
  EXPECT_THAT(*store_->ListFailures(kConnection, "", 0, 10),
              ElementsAre(Field(&Failure::entity_id, "1")));
}

TEST_P(OutboxContract, TheDepthAndAgeAreKnown) {
  EXPECT_EQ(Depth().oldest_outbox, std::nullopt);
  Fill({Event("1")});
  const Time first = clock_.Now();
  clock_.Advance(kMinute);
  Add({Event("2")});
  EXPECT_EQ(Depth().outbox_events, 2);
  EXPECT_EQ(Depth().oldest_outbox, first);
}

}  // namespace
}  // namespace connector::store
