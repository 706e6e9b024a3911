#include <algorithm>

#include "contract/store_contract.h"

namespace connector::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class IngestContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    lease_ = Start("run");
  }
  std::vector<int64_t> PersonIdsOf(const ContactBundle& bundle) {
    std::vector<int64_t> ids;
    for (const Person& person : bundle.persons) ids.push_back(person.id);
    return ids;
  }
  void SettleAll() {
    for (const ContactBundle& bundle : LeaseDirty("run")) ASSERT_OK(Settle(bundle));
  }

  RunLease lease_;
};
CONNECTOR_ON_ALL_STORES(IngestContract);

TEST_P(IngestContract, TellsFreshChangedUnchangedAndStalePersons) {
  const PersonRow row = MakePerson(1, "a@x.org", 10);
  EXPECT_EQ(FoldPersons(lease_, {row}).fresh, 1);
  EXPECT_EQ(FoldPersons(lease_, {row}).unchanged, 1);
  PersonRow newer = MakePerson(1, "a@x.org", 11);
  newer.person.name = "Newer";
  EXPECT_EQ(FoldPersons(lease_, {newer}).changed, 1);
  EXPECT_EQ(FoldPersons(lease_, {row}).stale, 1);
  const auto bundles = LeaseDirty("run");
  ASSERT_EQ(bundles.size(), 1);
  EXPECT_EQ(bundles[0].persons[0], newer.person) << "a stale row never overwrites newer state";
}

TEST_P(IngestContract, ANewPersonMakesAContactAsUnseenSays) {
  FoldPersons(lease_, {MakePerson(1, "A@x.org")});
  const ContactState state = ByEmail("a@x.org");
  EXPECT_GT(state.key, 0);
  EXPECT_EQ(state.existence, Existence::kAbsent);
  EXPECT_EQ(state.email, "a@x.org");
  EXPECT_EQ(state.ext_id, "") << "nothing was written yet";
}

TEST_P(IngestContract, BindsByExtIdBeforeEmail) {
  Contact by_ext_id = MakeContact(100, "old@x.org");
  by_ext_id.ext_id = "pd-1-1";
  FoldContacts(lease_, {by_ext_id, MakeContact(101, "new@x.org")});
  FoldPersons(lease_, {MakePerson(1, "new@x.org"), MakePerson(2, "new@x.org")});
  const auto bundles = LeaseDirty("run");
  ASSERT_EQ(bundles.size(), 2);
  EXPECT_EQ(bundles[0].state.brevo_id, 100);
  EXPECT_THAT(PersonIdsOf(bundles[0]), ElementsAre(1));
  EXPECT_EQ(bundles[1].state.brevo_id, 101);
  EXPECT_THAT(PersonIdsOf(bundles[1]), ElementsAre(2));
}

TEST_P(IngestContract, SeveralPersonsShareOneContactByIdOrder) {
  FoldPersons(lease_, {MakePerson(7, "a@x.org"), MakePerson(3, "a@x.org")});
  auto bundles = LeaseDirty("run");
  ASSERT_EQ(bundles.size(), 1);
  EXPECT_THAT(PersonIdsOf(bundles[0]), ElementsAre(3, 7));

  PersonRow gone = MakePerson(3, "a@x.org", 2);
  gone.person.is_deleted = true;
  FoldPersons(lease_, {gone});
  ASSERT_OK(Settle(bundles[0]));
  bundles = LeaseDirty("run");
  ASSERT_EQ(bundles.size(), 1);
  EXPECT_THAT(PersonIdsOf(bundles[0]), ElementsAre(7)) << "the next takes over";
}

TEST_P(IngestContract, APersonWithoutEmailIsStoredUnboundAndBoundWhenItHasOne) {
  EXPECT_EQ(FoldPersons(lease_, {MakePerson(1, "", 1)}).fresh, 1);
  EXPECT_THAT(LeaseDirty("run"), IsEmpty());
  EXPECT_EQ(FoldPersons(lease_, {MakePerson(1, "a@x.org", 2)}).changed, 1);
  EXPECT_THAT(EmailsOf(LeaseDirty("run")), ElementsAre("a@x.org"));
}

TEST_P(IngestContract, TellsWhoHasNoContact) {
  PersonRow gone = MakePerson(4, "");
  gone.person.is_deleted = true;
  EXPECT_THAT(
      FoldPersons(lease_, {MakePerson(1, ""), MakePerson(2, "a@x.org"), MakePerson(3, ""), gone})
          .unbound,
      ElementsAre(1, 3));
}

TEST_P(IngestContract, WhereAskedForAPersonWithoutEmailHasAContactOfItsOwn) {
  PersonRow row = MakePerson(1, "", 1);
  row.contact_without_email = true;
  PersonRow other = MakePerson(2, "", 1);
  other.contact_without_email = true;
  EXPECT_THAT(FoldPersons(lease_, {row, other}).unbound, IsEmpty());
  const auto bundles = LeaseDirty("run");
  ASSERT_EQ(bundles.size(), 2);
  EXPECT_NE(bundles[0].state.key, bundles[1].state.key);
  const ContactState& state = bundles[0].state;
  EXPECT_EQ(state.email, "");
  EXPECT_EQ(state.ext_id, "") << "nobody has written it yet";
  EXPECT_EQ(state.existence, Existence::kAbsent);
  const auto owner = store_->FindContact(kConnection, {Identifier::Kind::kExtId, row.ext_id});
  ASSERT_OK(owner);
  ASSERT_TRUE(owner->has_value());
  EXPECT_EQ((*owner)->key, state.key) << "its identity is taken already";

  for (const ContactBundle& bundle : bundles) ASSERT_OK(Settle(bundle));
  PersonRow later = MakePerson(1, "a@x.org", 2);
  FoldPersons(lease_, {later});
  const auto again = LeaseDirty("run");
  ASSERT_EQ(again.size(), 1);
  EXPECT_EQ(again[0].state.key, state.key) << "an address moves nobody";
}

TEST_P(IngestContract, AContactThatBrevoShowsWithTheExtIdIsThePersons) {
  PersonRow row = MakePerson(1, "", 1);
  row.contact_without_email = true;
  FoldPersons(lease_, {row});
  Contact seen = MakeContact(7, "");
  seen.ext_id = row.ext_id;
  FoldContacts(lease_, {seen});
  const auto bundles = LeaseDirty("run");
  ASSERT_EQ(bundles.size(), 1);
  EXPECT_EQ(bundles[0].state.brevo_id, 7);
}

TEST_P(IngestContract, ADeletedPersonMakesNoContact) {
  PersonRow row = MakePerson(1, "a@x.org");
  row.person.is_deleted = true;
  FoldPersons(lease_, {row});
  EXPECT_EQ(KeyOf("a@x.org"), 0);
}

TEST_P(IngestContract, ABoundPersonKeepsItsContactWhenItsEmailChanges) {
  FoldPersons(lease_, {MakePerson(1, "a@x.org", 1)});
  const int64_t key = KeyOf("a@x.org");
  SettleAll();
  FoldPersons(lease_, {MakePerson(1, "b@x.org", 2)});
  const auto bundles = LeaseDirty("run");
  ASSERT_EQ(bundles.size(), 1);
  EXPECT_EQ(bundles[0].state.key, key);
  EXPECT_EQ(KeyOf("b@x.org"), 0) << "the binding is the identity, not the e-mail";
}

TEST_P(IngestContract, MarksOnlyNewsUnlessAskedForAll) {
  const PersonRow row = MakePerson(1, "a@x.org");
  FoldPersons(lease_, {row});
  SettleAll();
  FoldPersons(lease_, {row});
  EXPECT_EQ(*store_->CountMarks(kConnection, "run"), 0);
  FoldPersons(lease_, {row}, /*mark_all=*/true);
  EXPECT_EQ(*store_->CountMarks(kConnection, "run"), 1);
}

TEST_P(IngestContract, MatchesContactsByIdThenEmailThenExtId) {
  Contact contact = MakeContact(1, "a@x.org");
  contact.ext_id = "mine";
  FoldContacts(lease_, {contact});
  const int64_t key = KeyOf("a@x.org");

  FoldContacts(lease_, {MakeContact(1, "b@x.org")});
  EXPECT_EQ(KeyOf("b@x.org"), key) << "by Brevo id";
  EXPECT_EQ(KeyOf("a@x.org"), 0) << "the old address is free";

  FoldContacts(lease_, {MakeContact(2, "B@X.org")});
  EXPECT_EQ(ByEmail("b@x.org").key, key) << "by e-mail, whatever its case";
  EXPECT_EQ(ByEmail("b@x.org").brevo_id, 2);

  Contact moved = MakeContact(3, "c@x.org");
  moved.ext_id = "mine";
  FoldContacts(lease_, {moved});
  EXPECT_EQ(KeyOf("c@x.org"), key) << "by EXT_ID";
}

TEST_P(IngestContract, AnUnboundContactIsNeverMarked) {
  FoldContacts(lease_, {MakeContact(1, "a@x.org")});
  Contact changed = MakeContact(1, "a@x.org");
  changed.list_ids = {5};
  FoldContacts(lease_, {changed});
  EXPECT_EQ(*store_->CountMarks(kConnection, "run"), 0);
}

TEST_P(IngestContract, AnEditInBrevoMarksAndAnEchoDoesNot) {
  FoldPersons(lease_, {MakePerson(1, "a@x.org")});
  auto bundles = LeaseDirty("run");
  ASSERT_EQ(bundles.size(), 1);
  bundles[0].state.existence = Existence::kPresent;
  EnsureField(bundles[0].state, "FIRSTNAME").unconfirmed = Value(std::string("Zoe"));
  ASSERT_OK(Settle(bundles[0]));

  Contact seen = MakeContact(1, "a@x.org");
  seen.modified_at = Time(kMinute);
  seen.attributes = {{"FIRSTNAME", std::string("Zoe")}, {"OTHER", std::string("")}};
  FoldContacts(lease_, {seen});
  EXPECT_EQ(*store_->CountMarks(kConnection, "run"), 0) << "our own write came back";
  EXPECT_EQ(ByEmail("a@x.org").brevo_id, 1);

  seen.attributes[0].second = std::string("Edited");
  FoldContacts(lease_, {seen});
  EXPECT_EQ(*store_->CountMarks(kConnection, "run"), 1);
}

TEST_P(IngestContract, AnIdentifierIsNeverStolen) {
  Contact first = MakeContact(1, "a@x.org");
  first.attributes = {{"SMS", std::string("491701234567")}};
  Contact second = MakeContact(2, "b@x.org");
  second.attributes = {{"SMS", std::string("+49 170 1234567")}};
  FoldContacts(lease_, {first, second});
  const Identifier phone{Identifier::Kind::kSms, "491701234567"};
  EXPECT_EQ((*store_->FindContact(kConnection, phone))->brevo_id, 1);

  first.attributes = {{"SMS", Value{}}};
  FoldContacts(lease_, {first});
  EXPECT_EQ(*store_->FindContact(kConnection, phone), std::nullopt) << "given up by its owner";
}

TEST_P(IngestContract, OrganizationsMarkTheContactsOfTheirPersons) {
  PersonRow member = MakePerson(1, "a@x.org");
  member.person.org_id = 9;
  FoldPersons(lease_, {member, MakePerson(2, "b@x.org")});
  SettleAll();

  Organization organization;
  organization.id = 9;
  organization.name = "Acme";
  organization.update_time = Time(std::chrono::seconds(5));
  const auto fold = [&](const Organization& one) {
    return *store_->FinishOrganizationsPage({lease_, {}}, {"o", false}, {one});
  };
  EXPECT_EQ(fold(organization).fresh, 1);
  auto bundles = LeaseDirty("run");
  EXPECT_THAT(EmailsOf(bundles), ElementsAre("a@x.org"));
  EXPECT_THAT(bundles[0].organizations, ElementsAre(organization));
  ASSERT_OK(Settle(bundles[0]));

  EXPECT_EQ(fold(organization).unchanged, 1);
  organization.name = "Older";
  organization.update_time = Time(std::chrono::seconds(4));
  EXPECT_EQ(fold(organization).stale, 1);
  EXPECT_EQ(*store_->CountMarks(kConnection, "run"), 0);
  organization.name = "Renamed";
  organization.update_time = Time(std::chrono::seconds(6));
  EXPECT_EQ(fold(organization).changed, 1);
  EXPECT_EQ(*store_->CountMarks(kConnection, "run"), 1);
  EXPECT_THAT(*store_->UnknownOrganizations(kConnection, {8, 9, 10}), ElementsAre(8, 10));
  EXPECT_EQ(*store_->GetCursor(lease_, "organizations"), (Cursor{"o", false}));
}

TEST_P(IngestContract, TellsHowNewStoredPersonsAre) {
  FoldPersons(lease_, {MakePerson(1, "a@x.org", 5), MakePerson(2, "b@x.org", 7)});
  const auto versions = store_->PersonVersions(kConnection, {2, 3, 1}).value();
  ASSERT_EQ(versions.size(), 2U);
  EXPECT_EQ(versions[0].id, 2);
  EXPECT_EQ(versions[0].update_time, MakePerson(2, "", 7).person.update_time);
  EXPECT_EQ(versions[1].id, 1);
}

TEST_P(IngestContract, FindsThePersonsOfAList) {
  Contact listed = MakeContact(1, "a@x.org");
  listed.list_ids = {5, 60};
  Contact other = MakeContact(2, "b@x.org");
  other.list_ids = {6};
  FoldContacts(lease_, {listed, other});
  FoldPersons(lease_,
              {MakePerson(9, "a@x.org"), MakePerson(4, "a@x.org"), MakePerson(5, "b@x.org")});
  EXPECT_THAT(*store_->PersonsInList(kConnection, 60), ElementsAre(4, 9));
  EXPECT_THAT(*store_->PersonsInList(kConnection, 7), IsEmpty());
}

TEST_P(IngestContract, APageOfALostLeaseLeavesNothing) {
  ASSERT_OK(store_->LeaseRun("thief", clock_.Now() + kMinute, kMinute));
  RunProgress progress;
  progress.pages = 1;
  EXPECT_CODE(store_->FinishPersonsPage({lease_, progress}, {"next", false},
                                        {MakePerson(1, "a@x.org")}, Existence::kAbsent, true),
              kFailedPrecondition);
  EXPECT_CODE(store_->FinishContactsPage({lease_, progress}, {"1", false},
                                         {MakeContact(1, "b@x.org")}, TakeSeen),
              kFailedPrecondition);
  EXPECT_CODE(store_->FinishOrganizationsPage({lease_, progress}, {"1", false}, {Organization{}}),
              kFailedPrecondition);
  EXPECT_EQ(KeyOf("a@x.org"), 0);
  EXPECT_EQ(KeyOf("b@x.org"), 0);
  EXPECT_EQ(*store_->GetCursor({kConnection, "run", "thief"}, "persons"), Cursor{});
  EXPECT_EQ(store_->GetRun(kConnection, "run")->progress, RunProgress{});
}

TEST_P(IngestContract, AFoldThatThrowsLeavesNothingOfItsPage) {
  const ContactFold failing = [](const std::optional<ContactState>& known, const Contact& seen) {
    if (seen.id == 2) throw std::bad_alloc();
    return TakeSeen(known, seen);
  };
  EXPECT_THROW(
      store_
          ->FinishContactsPage({lease_, {}}, {"1", false},
                               {MakeContact(1, "a@x.org"), MakeContact(2, "b@x.org")}, failing)
          .IgnoreError(),
      std::bad_alloc);
  EXPECT_EQ(KeyOf("a@x.org"), 0);
  EXPECT_EQ(*store_->GetCursor(lease_, "contacts"), Cursor{});
  FoldContacts(lease_, {MakeContact(1, "a@x.org")});
  EXPECT_GT(KeyOf("a@x.org"), 0) << "the store goes on";
}

TEST_P(IngestContract, ConnectionsDoNotSeeEachOther) {
  FoldPersons(lease_, {MakePerson(1, "a@x.org")});
  EXPECT_EQ(*store_->FindContact("other", {Identifier::Kind::kEmail, "a@x.org"}), std::nullopt);
  EXPECT_EQ(*store_->CountMarks("other", ""), 0);
  EXPECT_THAT(*store_->UnknownOrganizations("other", {1}), ElementsAre(1));
}

}  // namespace
}  // namespace connector::store
