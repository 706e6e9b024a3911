// What handling a batch of events commits.

#include "contract/events_contract.h"

namespace connector::store {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

class IngestEventsContract : public EventsContract {
 protected:
  static OutboxEvent Event(const std::string& key, int64_t person) {
    OutboxEvent event;
    event.key = key;
    event.person_id = person;
    event.name = "contact_updated";
    return event;
  }
  std::vector<int64_t> PersonsOf(const ContactBundle& bundle) {
    std::vector<int64_t> ids;
    for (const Person& person : bundle.persons) ids.push_back(person.id);
    return ids;
  }
};
CONNECTOR_ON_ALL_STORES(IngestEventsContract);

TEST_P(IngestEventsContract, PersonsFoldAsAPageFoldsThemAndAreMarkedFree) {
  Ingest(WithPersons({MakePerson(1, "a@x.org", 5), MakePerson(2, "")}));
  const auto marked = LeaseDirty("");
  ASSERT_THAT(EmailsOf(marked), ElementsAre("a@x.org"));
  EXPECT_THAT(PersonsOf(marked[0]), ElementsAre(1));
  ASSERT_OK(Settle(marked[0]));

  Ingest(WithPersons({MakePerson(1, "a@x.org", 4)}));
  EXPECT_THAT(LeaseDirty(""), IsEmpty()) << "a stale event changes nothing";
  Ingest(WithPersons({MakePerson(1, "a@x.org", 5)}));
  EXPECT_THAT(LeaseDirty(""), IsEmpty()) << "what is known already changes nothing";
  Ingest(WithPersons({MakePerson(1, "a@x.org", 6)}));
  EXPECT_THAT(LeaseDirty(""), SizeIs(1));
}

TEST_P(IngestEventsContract, OneOfManyChangesWaitsForAnImportUnlessItIsChangedByItself) {
  IngestBatch bulk = WithPersons({MakePerson(1, "a@x.org", 1), MakePerson(2, "b@x.org", 1)});
  bulk.bulk = true;
  Ingest(bulk);
  Ingest(WithPersons({MakePerson(2, "b@x.org", 2)}));
  const auto marks = store_->CountLiveMarks(kConnection, clock_.Now());
  ASSERT_OK(marks);
  EXPECT_EQ(marks->bulk, 1);
  EXPECT_EQ(marks->prompt, 1);
}

TEST_P(IngestEventsContract, AnOrganizationMarksTheContactsOfItsPersons) {
  PersonRow member = MakePerson(1, "a@x.org");
  member.person.org_id = 7;
  Ingest(WithPersons({member, MakePerson(2, "b@x.org")}));
  Converge();
  IngestBatch batch;
  batch.organizations.emplace_back();
  batch.organizations[0].id = 7;
  batch.organizations[0].name = "Acme";
  Ingest(batch);
  const auto marked = LeaseDirty("");
  ASSERT_THAT(EmailsOf(marked), ElementsAre("a@x.org"));
  EXPECT_THAT(marked[0].organizations, SizeIs(1));
}

TEST_P(IngestEventsContract, AGonePersonIsOutOfItsContactUntilItComesBack) {
  Ingest(WithPersons({MakePerson(1, "a@x.org")}));
  Converge();
  IngestBatch batch;
  batch.gone_persons = {1, 99};
  Ingest(batch);
  const auto marked = LeaseDirty("");
  ASSERT_THAT(EmailsOf(marked), ElementsAre("a@x.org"));
  EXPECT_THAT(marked[0].persons, IsEmpty());
  ASSERT_OK(Settle(marked[0]));
  Ingest(WithPersons({MakePerson(1, "a@x.org")}));
  const auto again = LeaseDirty("");
  ASSERT_THAT(again, SizeIs(1)) << "restored with the update time it had";
  EXPECT_THAT(PersonsOf(again[0]), ElementsAre(1));
}

TEST_P(IngestEventsContract, TouchedPersonsAreMarkedThoughNothingOfThemChanged) {
  Ingest(WithPersons({MakePerson(1, "a@x.org"), MakePerson(2, "")}));
  Converge();
  IngestBatch batch;
  batch.touched_persons = {1, 2, 99};
  Ingest(batch);
  EXPECT_THAT(EmailsOf(LeaseDirty("")), ElementsAre("a@x.org"));
}

TEST_P(IngestEventsContract, ARetriedPersonIsSentAgainWhatWasRefused) {
  Ingest(WithPersons({MakePerson(1, "a@x.org")}));
  auto dirty = LeaseDirty("");
  ASSERT_THAT(dirty, SizeIs(1));
  FieldState& field = EnsureField(dirty[0].state, "SMS");
  field.refused = std::string("12");
  field.seen = std::string("11");
  ASSERT_OK(Settle(dirty[0]));
  IngestBatch touched;
  touched.touched_persons = {1};
  Ingest(touched);
  dirty = LeaseDirty("");
  ASSERT_THAT(dirty, SizeIs(1));
  EXPECT_EQ(dirty[0].state.fields.at(0).refused, Value(std::string("12")));
  ASSERT_OK(Settle(dirty[0]));
  IngestBatch retried;
  retried.retried_persons = {1, 99};
  Ingest(retried);
  dirty = LeaseDirty("");
  ASSERT_THAT(dirty, SizeIs(1));
  EXPECT_EQ(dirty[0].state.fields.at(0).refused, std::nullopt);
  EXPECT_EQ(dirty[0].state.fields.at(0).seen, Value(std::string("11")));
}

// What `to` is before the merge decides what becomes of the contact of `from`.
struct MergeCase {
  const char* name;
  bool known;             // `to` was known before
  const char* email;      // of `to` before, "" none
  const char* now_email;  // of `to` as the batch brings it; null: the batch does not
  const char* expected;   // address of the contact that `to` has then
};

TEST_P(IngestEventsContract, AMergePassesTheContactOn) {
  const std::vector<MergeCase> cases = {
      {"both have contacts", true, "to@x.org", nullptr, "to@x.org"},
      {"the survivor had none", true, "", nullptr, "from@x.org"},
      {"the survivor had none and gets the address", true, "", "from@x.org", "from@x.org"},
      {"the survivor is new", false, "", "from@x.org", "from@x.org"},
      {"the survivor is new, with another address", false, "", "new@x.org", "from@x.org"},
      {"the survivor is new, without address", false, "", "", "from@x.org"},
  };
  int64_t id = 0;
  for (const MergeCase& c : cases) {
    SCOPED_TRACE(c.name);
    SetUp();  // a store of its own
    const int64_t from = ++id;
    const int64_t to = ++id;
    std::vector<PersonRow> before = {MakePerson(from, "from@x.org")};
    if (c.known) before.push_back(MakePerson(to, c.email));
    Ingest(WithPersons(before));
    Converge();

    IngestBatch batch;
    batch.merges = {{from, to}};
    if (c.now_email != nullptr) batch.persons = {MakePerson(to, c.now_email, 9)};
    Ingest(batch);
    const auto marked = LeaseDirty("");
    ASSERT_THAT(marked, SizeIs(1));
    EXPECT_EQ(marked[0].state.email, c.expected);
    EXPECT_THAT(PersonsOf(marked[0]), ElementsAre(to));
    ASSERT_OK(Settle(marked[0]));
    EXPECT_NE(KeyOf("from@x.org"), 0) << "no contact is deleted";

    Ingest(batch);  // the webhook of the other half of the merge
    for (const ContactBundle& bundle : LeaseDirty("")) {
      EXPECT_THAT(PersonsOf(bundle), ElementsAre(to));
    }
  }
}

TEST_P(IngestEventsContract, AMergeOfUnknownPersonsIsHarmless) {
  Ingest(WithPersons({MakePerson(1, "a@x.org")}));
  IngestBatch batch;
  batch.merges = {{98, 99}, {97, 1}, {1, 1}};
  Ingest(batch);
  EXPECT_THAT(EmailsOf(LeaseDirty("")), ElementsAre("a@x.org"));
}

TEST_P(IngestEventsContract, FailuresAreRecorded) {
  IngestBatch batch;
  batch.failures = {MakeFailure("7")};
  Ingest(batch);
  EXPECT_THAT(*store_->ListFailures(kConnection, "", 0, 10),
              ElementsAre(Field(&Failure::entity_id, "7")));
}

TEST_P(IngestEventsContract, AnEventIsAppliedWhenItsContactIsWrittenAndItsEventsAreSent) {
  EXPECT_EQ(StateOf("k"), EventState::kUnknown);
  AppendAll({Entry("k")});
  EXPECT_EQ(StateOf("k"), EventState::kPending);
  const auto leased = Lease();
  IngestBatch batch = WithPersons({MakePerson(1, "a@x.org")});
  batch.events = {Event("e", 1)};
  batch.settled = {{leased[0].id, {1}}};
  ASSERT_OK(FinishBatch(batch));
  EXPECT_EQ(StateOf("k"), EventState::kPending) << "its contact is dirty";
  Converge();
  EXPECT_EQ(StateOf("k"), EventState::kPending) << "its Brevo event waits";
  const auto out = store_->LeaseOutbox(kConnection, "o", clock_.Now(), kMinute, 10);
  ASSERT_OK(out);
  ASSERT_THAT(*out, SizeIs(1));
  ASSERT_OK(store_->SettleOutbox(kConnection, "o", {.done = {out->at(0).id}}));
  EXPECT_EQ(StateOf("k"), EventState::kApplied);

  AppendAll({Entry("ignored")});
  IngestBatch nothing;
  nothing.settled = {{Lease().at(0).id, {}}};
  ASSERT_OK(FinishBatch(nothing));
  EXPECT_EQ(StateOf("ignored"), EventState::kApplied);
}

}  // namespace
}  // namespace connector::store
