#include "sync/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "sync/cost_estimate.h"
#include "sync/planning.h"

namespace connector::sync {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr int64_t kAll = 60;

AccountSchema Schema() {
  AccountSchema schema;
  schema.account.company_id = 7;
  for (const char* name : {"FIRSTNAME", "LASTNAME", "SMS"}) {
    schema.attributes.push_back({.name = name, .category = "normal"});
  }
  schema.lists = {{kAll, "All"}, {61, "Leads"}};
  return schema;
}

class PlanTest : public testing::Test {
 protected:
  PlanTest() : phones_("DE") {
    Settings settings;
    settings.all_contacts_list = kAll;
    settings.person_mapping = {{.source = "email", .attribute = "email"},
                               {.source = "first_name", .attribute = "FIRSTNAME"},
                               {.source = "last_name", .attribute = "LASTNAME"},
                               {.source = "phone", .attribute = "SMS"}};
    planning_ = MakePlanning(settings, Schema());
    bundle_.state.key = 1;
    bundle_.persons = {Jane()};
  }

  static Person Jane() {
    Person person;
    person.id = 42;
    person.first_name = "Jane";
    person.last_name = "Doe";
    person.emails = {{"Jane@Example.org", "work", true}};
    return person;
  }

  // The contact as Brevo shows it, folded into what is known.
  void Seen(Contact contact) {
    bundle_.state = FoldContact(planning_, bundle_.state, contact, nullptr);
    bundle_.state.key = 1;
  }

  static Contact SeenJane() {
    Contact contact;
    contact.id = 900;
    contact.email = "jane@example.org";
    contact.ext_id = "pd-7-42";
    contact.list_ids = {kAll};
    contact.attributes = {{"FIRSTNAME", "Jane"}, {"LASTNAME", "Doe"}};
    return contact;
  }

  // Plans with every identifier granted but those of `refused`.
  ContactPlan Plan(std::vector<Identifier::Kind> refused = {}) {
    const MappedContact mapped = MapContact(planning_, bundle_, phones_);
    std::vector<bool> granted;
    for (const Identifier& identifier : mapped.identifiers) {
      granted.push_back(std::find(refused.begin(), refused.end(), identifier.kind) ==
                        refused.end());
    }
    return PlanContact(planning_, bundle_, mapped, granted);
  }

  Road RoadOfPlan(const ContactPlan& plan) { return RoadOf(planning_, plan); }

  mapping::PhoneNormalizer phones_;
  Planning planning_;
  store::ContactBundle bundle_;
};

TEST_F(PlanTest, AnAbsentContactIsCreatedByImportWithOurExtId) {
  bundle_.state.existence = Existence::kAbsent;
  const ContactPlan plan = Plan();
  EXPECT_EQ(plan.action, PlanAction::kCreate);
  EXPECT_EQ(plan.write.email, "jane@example.org");
  EXPECT_EQ(plan.write.ext_id, "pd-7-42");
  EXPECT_THAT(plan.write.join_lists, ElementsAre(kAll));
  EXPECT_EQ(RoadOfPlan(plan), Road::kImport);
}

TEST_F(PlanTest, AContactNobodyLookedForIsCreatedAlone) {
  bundle_.state.existence = Existence::kUnknown;
  EXPECT_EQ(RoadOfPlan(Plan()), Road::kSingle);
}

TEST_F(PlanTest, AnEqualContactNeedsNothing) {
  Seen(SeenJane());
  const ContactPlan plan = Plan();
  EXPECT_EQ(plan.action, PlanAction::kNothing);
  EXPECT_EQ(RoadOfPlan(plan), Road::kNone);
}

TEST_F(PlanTest, WhatWasWrittenIsNotWrittenAgain) {
  bundle_.state.existence = Existence::kAbsent;
  RecordWrite(bundle_.state, Plan().write);
  EXPECT_EQ(Plan().action, PlanAction::kNothing);
}

TEST_F(PlanTest, OnlyWhatDiffersIsWritten) {
  Contact contact = SeenJane();
  Seen(contact);
  bundle_.state = Plan().state;  // both sides were found to agree
  bundle_.persons[0].first_name = "Janet";
  const ContactPlan plan = Plan();
  ASSERT_EQ(plan.write.attributes.size(), 1U);
  EXPECT_EQ(plan.write.attributes[0].first, "FIRSTNAME");
  EXPECT_FALSE(plan.write.ext_id.has_value());
  EXPECT_EQ(RoadOfPlan(plan), Road::kImport);
}

TEST_F(PlanTest, AForeignExtIdIsKept) {
  Contact contact = SeenJane();
  contact.ext_id = "shop-1";
  contact.attributes = {{"FIRSTNAME", "J"}};
  Seen(contact);
  EXPECT_FALSE(Plan().write.ext_id.has_value());
}

TEST_F(PlanTest, AnEmptySideClearsNothingAtFirstSight) {
  Seen(SeenJane());
  bundle_.persons[0].last_name.reset();
  EXPECT_EQ(Plan().action, PlanAction::kNothing);
}

TEST_F(PlanTest, AClearedFieldGoesAlone) {
  Seen(SeenJane());
  bundle_.state = Plan().state;
  bundle_.persons[0].last_name.reset();
  const ContactPlan plan = Plan();
  ASSERT_EQ(plan.write.attributes.size(), 1U);
  EXPECT_TRUE(connector::IsEmpty(plan.write.attributes[0].second));
  EXPECT_EQ(RoadOfPlan(plan), Road::kSingle);
}

TEST_F(PlanTest, AChangedAddressMovesABlockedContactAndKeepsTheBlock) {
  Contact contact = SeenJane();
  contact.email_blacklisted = true;
  Seen(contact);
  bundle_.state = Plan().state;
  bundle_.persons[0].emails = {{"jane.doe@example.org", "work", true}};
  const ContactPlan plan = Plan();
  EXPECT_EQ(plan.action, PlanAction::kUpdate);
  EXPECT_EQ(plan.write.email, "jane.doe@example.org");
  EXPECT_TRUE(plan.write.keep_email_block);
  EXPECT_EQ(RoadOfPlan(plan), Road::kSingle);
}

TEST_F(PlanTest, AnAddressOfAnotherContactIsReportedAndNotTaken) {
  Seen(SeenJane());
  bundle_.state = Plan().state;
  bundle_.persons[0].emails = {{"taken@example.org", "work", true}};
  const ContactPlan plan = Plan({Identifier::Kind::kEmail});
  EXPECT_TRUE(plan.write.email.empty());
  ASSERT_EQ(plan.losses.size(), 1U);
  EXPECT_EQ(plan.losses[0].reason, FailureReason::kIdentifierConflict);
}

TEST_F(PlanTest, APhoneOfAnotherContactIsLeftOutAndTheRestIsWritten) {
  bundle_.state.existence = Existence::kAbsent;
  bundle_.persons[0].phones = {{"030 90182027", "work", true}};
  const ContactPlan plan = Plan({Identifier::Kind::kSms});
  EXPECT_EQ(plan.action, PlanAction::kCreate);
  EXPECT_EQ(plan.write.attributes.size(), 2U);
  ASSERT_EQ(plan.losses.size(), 1U);
  EXPECT_EQ(plan.losses[0].reason, FailureReason::kDuplicatePhone);
}

TEST_F(PlanTest, ARefusedAddressIsNotTriedAgainUntilItChanges) {
  bundle_.state.existence = Existence::kAbsent;
  RecordRefusal(bundle_.state, "EMAIL", "jane@example.org");
  EXPECT_EQ(Plan().skip, SkipReason::kInvalidEmail);
  bundle_.persons[0].emails = {{"better@example.org", "work", true}};
  EXPECT_EQ(Plan().action, PlanAction::kCreate);
}

TEST_F(PlanTest, AListItLeftIsNotJoinedAgain) {
  Contact contact = SeenJane();
  contact.list_ids.clear();
  contact.list_unsubscribed = {kAll};
  contact.attributes = {{"FIRSTNAME", "J"}};
  Seen(contact);
  const ContactPlan plan = Plan();
  EXPECT_THAT(plan.write.join_lists, IsEmpty());
  EXPECT_EQ(RoadOfPlan(plan), Road::kSingle) << "an import would put it back";
}

TEST_F(PlanTest, TheLowestPersonGivesTheFields) {
  Person other = Jane();
  other.id = 50;
  other.first_name = "Other";
  bundle_.persons.push_back(other);
  bundle_.state.existence = Existence::kAbsent;
  EXPECT_EQ(Plan().person_id, 42);
  EXPECT_EQ(Plan().write.ext_id, "pd-7-42");
}

TEST_F(PlanTest, APersonWithoutAnAddressIsSkippedUnlessAnIdWillDo) {
  bundle_.state.existence = Existence::kAbsent;
  bundle_.persons[0].emails.clear();
  bundle_.persons[0].phones = {{"030 1234567", "work", true}};
  EXPECT_EQ(Plan().skip, SkipReason::kNoEmail);
  planning_.contacts_without_email = true;
  const ContactPlan plan = Plan();
  EXPECT_EQ(plan.action, PlanAction::kCreate);
  EXPECT_EQ(plan.email, "");
  EXPECT_EQ(plan.write.email, "");
  EXPECT_EQ(plan.write.ext_id, "pd-7-42");
  EXPECT_THAT(plan.write.attributes, Contains(std::pair("SMS", Value("49301234567"))));
  EXPECT_THAT(plan.write.join_lists, ElementsAre(kAll));
  EXPECT_THAT(plan.losses, IsEmpty());
  EXPECT_EQ(RoadOfPlan(plan), Road::kSingle) << "an import tells contacts by their address";
}

TEST_F(PlanTest, AnAddressThatIsNoneIsReportedWhereAnIdWillDo) {
  planning_.contacts_without_email = true;
  bundle_.state.existence = Existence::kAbsent;
  bundle_.persons[0].emails = {{"at home", "work", true}};
  const ContactPlan plan = Plan();
  EXPECT_EQ(plan.action, PlanAction::kCreate);
  ASSERT_EQ(plan.losses.size(), 1);
  EXPECT_EQ(plan.losses[0].attribute, "EMAIL");
  EXPECT_TRUE(IsFieldLoss(plan.losses[0].reason)) << "the record itself is written";
}

TEST_F(PlanTest, AnAddressThatBrevoRefusedLeavesTheId) {
  planning_.contacts_without_email = true;
  bundle_.state.existence = Existence::kAbsent;
  RecordRefusal(bundle_.state, "EMAIL", std::string("jane@example.org"));
  const ContactPlan plan = Plan();
  EXPECT_EQ(plan.action, PlanAction::kCreate);
  EXPECT_EQ(plan.write.email, "");
  ContactState written = plan.state;
  RecordWrite(written, plan.write);
  bundle_.state = written;
  EXPECT_EQ(Plan().action, PlanAction::kNothing) << "and is not tried again";
}

TEST_F(PlanTest, WithoutAddressAndIdThereIsNoContact) {
  planning_.contacts_without_email = true;
  bundle_.state.existence = Existence::kAbsent;
  bundle_.persons[0].emails.clear();
  const ContactPlan plan = Plan({Identifier::Kind::kExtId});
  EXPECT_EQ(plan.action, PlanAction::kSkip);
  EXPECT_EQ(plan.skip, SkipReason::kNoEmail);
  ASSERT_EQ(plan.losses.size(), 1);
  EXPECT_EQ(plan.losses[0].reason, FailureReason::kDuplicateExtId);
}

TEST_F(PlanTest, AContactThatVanishedWithItsAddressComesBackWithItsIdAlone) {
  planning_.contacts_without_email = true;
  Seen(SeenJane());
  bundle_.state.existence = Existence::kAbsent;
  bundle_.persons[0].emails.clear();
  const ContactPlan plan = Plan();
  EXPECT_EQ(plan.action, PlanAction::kCreate);
  EXPECT_EQ(plan.write.ext_id, "pd-7-42");
  EXPECT_EQ(plan.state.email, "");
  EXPECT_THAT(OwnedIdentifiers(plan.state),
              ElementsAre(Identifier{Identifier::Kind::kExtId, "pd-7-42"}));
}

TEST_F(PlanTest, AnAddressGainedIsSetAndOneLostIsKept) {
  planning_.contacts_without_email = true;
  Contact contact = SeenJane();
  contact.email.clear();
  Seen(contact);
  const ContactPlan gained = Plan();
  EXPECT_EQ(gained.action, PlanAction::kUpdate);
  EXPECT_EQ(gained.write.email, "jane@example.org");
  EXPECT_EQ(RoadOfPlan(gained), Road::kSingle);
  Seen(SeenJane());
  bundle_.persons[0].emails.clear();
  EXPECT_EQ(Plan().action, PlanAction::kNothing);
}

// Brevo refuses to clear SMS of a contact without an e-mail.
TEST_F(PlanTest, ANumberIsNotClearedWhereThereIsNoAddress) {
  planning_.contacts_without_email = true;
  bundle_.state.existence = Existence::kAbsent;
  bundle_.persons[0].emails.clear();
  bundle_.persons[0].phones = {{"030 1234567", "work", true}};
  ContactPlan plan = Plan();
  RecordWrite(plan.state, plan.write);
  bundle_.state = plan.state;
  bundle_.persons[0].phones.clear();
  plan = Plan();
  EXPECT_EQ(plan.action, PlanAction::kNothing);
  ASSERT_EQ(plan.losses.size(), 1);
  EXPECT_EQ(plan.losses[0].attribute, "SMS");
}

TEST_F(PlanTest, AContactMadeAgainGetsItsIdBack) {
  Seen(SeenJane());
  bundle_.state.existence = Existence::kAbsent;
  EXPECT_EQ(Plan().write.ext_id, "pd-7-42");
}

TEST_F(PlanTest, WithoutAPersonNothingIsDone) {
  Seen(SeenJane());
  bundle_.persons.clear();
  EXPECT_EQ(Plan().action, PlanAction::kNothing);
}

TEST_F(PlanTest, FurtherListsAreRowsOfTheAddressAlone) {
  bundle_.state.existence = Existence::kAbsent;
  ContactPlan plan = Plan();
  plan.write.join_lists = {kAll, 61};
  const std::vector<ListRow> rows = ImportRowsOf(planning_, plan);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].list_id, kAll);
  EXPECT_FALSE(rows[0].write.attributes.empty());
  EXPECT_EQ(rows[1].list_id, 61);
  EXPECT_TRUE(rows[1].write.attributes.empty());
  EXPECT_EQ(rows[1].write.email, "jane@example.org");
}

TEST_F(PlanTest, TheEstimatedRowIsAsLongAsTheRealOne) {
  bundle_.state.existence = Existence::kAbsent;
  bundle_.persons[0].last_name = "O\"Neill\\";
  const std::vector<ListRow> rows = ImportRowsOf(planning_, Plan());
  brevo::ImportBody body(kAll);
  const size_t empty = body.bytes();
  ASSERT_TRUE(body.Append(rows[0].write));
  const auto real = static_cast<int64_t>(body.bytes() - empty);
  const auto estimate = static_cast<int64_t>(ImportRowSize(rows[0].write));
  EXPECT_GE(estimate, real);
  EXPECT_LE(estimate, real + 8);
}

}  // namespace
}  // namespace connector::sync
