// An opt-out on either side reaches the other, and nothing lifts one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "model/wire.h"
#include "support/sync_fixture.h"
#include "sync/plan_consent.h"

namespace connector::sync {
namespace {

using connector::testing::SyncFixture;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const std::string kKey(40, 'c');

class ConsentTest : public SyncFixture {
 protected:
  ConsentTest() {
    settings.two_way.consent.person_field = "Newsletter";
    pipedrive.person_fields.push_back(
        {kKey, "Newsletter", "enum", true, {{"11", "subscribed"}, {"12", "Unsubscribed"}}});
  }
  void SetUp() override {
    pipedrive.Put(1, "ann@x.de");
    RunAll();
    RunAll(Full());
    Forget();
  }
  void Forget() {
    ForgetCalls();
    brevo.writes.clear();
    person_writes.calls.clear();
    person_writes.writes.clear();
  }
  void WithCampaigns(const std::string& status) {
    pipedrive.person_fields.push_back(
        {"marketing_status", "Marketing status", "status", false, {}});
    pipedrive.persons[1].marketing_status = status;
    Agree();
  }
  // After a change of what both accounts have.
  void Agree() {
    clock.Advance(std::chrono::minutes(6));
    pipedrive.persons[1].update_time = clock.Now();
    RunAll(Full());
    RunAll(Full());
    Forget();
  }
  Contact& Ann() { return *brevo.Find("ann@x.de"); }
  void BlockInBrevo(bool blocked = true) {
    clock.Advance(std::chrono::seconds(5));
    Ann().email_blacklisted = blocked;
    Ann().modified_at = clock.Now();
  }
  void SetField(CustomValue value) {
    clock.Advance(std::chrono::seconds(5));
    auto& fields = pipedrive.persons[1].custom_fields;
    std::erase_if(fields, [](const auto& field) { return field.first == kKey; });
    if (value.index() != 0) fields.emplace_back(kKey, std::move(value));
    pipedrive.persons[1].update_time = clock.Now();
  }
  CustomValue Field() {
    const CustomValue* value = FindCustomField(pipedrive.persons[1].custom_fields, kKey);
    return value == nullptr ? CustomValue{} : *value;
  }
  void ExpectQuiet() {
    Forget();
    RunAll(Full());
    RunAll();
    EXPECT_THAT(person_writes.calls, IsEmpty());
    EXPECT_EQ(brevo.CountWrites(), 0);
  }
};

const CustomValue kOptedOut = OptionIds{{12}};

TEST_F(ConsentTest, ABlockInBrevoReachesTheFieldOnce) {
  BlockInBrevo();
  EXPECT_EQ(RunAll().persons_updated, 1);
  EXPECT_THAT(person_writes.calls, ElementsAre("update 1"));
  EXPECT_EQ(Field(), kOptedOut);
  EXPECT_EQ(brevo.CountWrites(), 0);
  ExpectQuiet();
}

TEST_F(ConsentTest, TheFieldBlocksInBrevoByASingleWriteAndNothingElseIsWritten) {
  SetField(kOptedOut);
  RunAll();
  ASSERT_THAT(brevo.writes, SizeIs(1));
  EXPECT_TRUE(brevo.writes[0].block_email);
  EXPECT_THAT(brevo.writes[0].attributes, IsEmpty());
  EXPECT_TRUE(Ann().email_blacklisted);
  EXPECT_THAT(brevo.import_bodies, Each(Not(HasSubstr("emailBlacklist"))));
  EXPECT_THAT(person_writes.calls, IsEmpty());
  ExpectQuiet();
}

TEST_F(ConsentTest, AnOptInFlowsNowhere) {
  BlockInBrevo();
  RunAll();
  Forget();
  SetField(OptionIds{{11}});
  RunAll();
  EXPECT_TRUE(Ann().email_blacklisted);
  EXPECT_EQ(Field(), (CustomValue{OptionIds{{11}}})) << "nor is it contradicted";
  ExpectQuiet();
  // Who takes it back on both sides, in this order, is subscribed again.
  BlockInBrevo(false);
  RunAll();
  EXPECT_FALSE(Ann().email_blacklisted);
  // The next opt-out is a new one.
  BlockInBrevo();
  RunAll();
  EXPECT_EQ(Field(), kOptedOut);
}

TEST_F(ConsentTest, AnOptOutThatStandsInPipedriveBlocksAgain) {
  BlockInBrevo();
  RunAll();
  BlockInBrevo(false);
  RunAll();
  EXPECT_TRUE(Ann().email_blacklisted);
  ExpectQuiet();
}

TEST_F(ConsentTest, AContactThatWasBlockedAndIsMadeAgainIsBlocked) {
  BlockInBrevo();
  RunAll();
  const int64_t id = Ann().id;
  brevo.contacts.erase(id);
  pipedrive.Put(1, "ann@x.de", "Anna");
  RunAll(Full());
  ASSERT_NE(brevo.Find("ann@x.de"), nullptr);
  EXPECT_TRUE(Ann().email_blacklisted);
}

TEST_F(ConsentTest, ANewPersonThatOptedOutBecomesABlockedContact) {
  pipedrive.Put(2, "bob@x.de", "Bob").custom_fields.emplace_back(kKey, kOptedOut);
  RunAll();
  ASSERT_NE(brevo.Find("bob@x.de"), nullptr);
  EXPECT_TRUE(brevo.Find("bob@x.de")->email_blacklisted);
  EXPECT_TRUE(brevo.writes.back().block_email);
}

TEST_F(ConsentTest, AnyOfSeveralPersonsOfAContactOptsOutForAll) {
  Person& second = pipedrive.Put(2, "ann@x.de", "Other");
  second.custom_fields.emplace_back(kKey, kOptedOut);
  RunAll();
  EXPECT_TRUE(Ann().email_blacklisted);
}

TEST_F(ConsentTest, OtherOptionsOfASetStay) {
  for (PipedriveField& field : pipedrive.person_fields) {
    if (field.key == kKey) field.type = "set";
  }
  SetField(OptionIds{{11}});
  Agree();
  BlockInBrevo();
  RunAll();
  EXPECT_EQ(Field(), (CustomValue{OptionIds{{11, 12}}}));
  ExpectQuiet();
}

TEST_F(ConsentTest, ATextFieldHoldsTheWordInAnyCase) {
  for (PipedriveField& field : pipedrive.person_fields) {
    if (field.key == kKey) field.type = "varchar";
  }
  Agree();
  BlockInBrevo();
  RunAll();
  EXPECT_EQ(Field(), CustomValue{std::string("unsubscribed")});
  BlockInBrevo(false);
  SetField(std::string(" UNSUBSCRIBED "));
  RunAll();
  EXPECT_TRUE(Ann().email_blacklisted);
}

TEST_F(ConsentTest, WhatCannotBeResolvedIsAWarningAndTheSyncGoesOn) {
  settings.two_way.consent.unsubscribed_value = "no mail";
  EXPECT_THAT(MakePlanning().warnings, Contains(HasSubstr("has no option \"no mail\"")));
  settings.two_way.consent.person_field = "Newsletters";
  EXPECT_THAT(MakePlanning().warnings, Contains(HasSubstr("the nearest is \"Newsletter\"")));
}

TEST_F(ConsentTest, TheMarketingStatusIsAskedForOnlyWhereTheAccountHasIt) {
  EXPECT_FALSE(MakePlanning().wants_marketing_status);
  WithCampaigns("subscribed");
  EXPECT_TRUE(MakePlanning().wants_marketing_status);
  settings.two_way.consent.marketing_status = false;
  EXPECT_FALSE(MakePlanning().wants_marketing_status);
}

TEST_F(ConsentTest, ABlockReachesTheMarketingStatusTogetherWithTheField) {
  WithCampaigns("subscribed");
  BlockInBrevo();
  RunAll();
  EXPECT_THAT(person_writes.calls, ElementsAre("update 1"));
  EXPECT_EQ(pipedrive.persons[1].marketing_status, "unsubscribed");
  EXPECT_EQ(Field(), kOptedOut);
  ExpectQuiet();
}

TEST_F(ConsentTest, APersonUnsubscribedInPipedriveIsBlocked) {
  WithCampaigns("unsubscribed");
  EXPECT_TRUE(Ann().email_blacklisted);
  ExpectQuiet();
}

TEST_F(ConsentTest, AnArchivedOrUnknownConsentIsNoOptOut) {
  WithCampaigns("archived");
  EXPECT_FALSE(Ann().email_blacklisted);
  pipedrive.persons[1].marketing_status = "no_consent";
  Agree();
  EXPECT_FALSE(Ann().email_blacklisted);
}

TEST_F(ConsentTest, AStatusThatPipedriveSilentlyKeepsIsReportedOnceAndNotSentForever) {
  WithCampaigns("subscribed");
  person_writes.keep_status = true;
  BlockInBrevo();
  const RunProgress progress = RunAll();
  EXPECT_EQ(progress.failed.at(FailureReason::kInvalidValue), 1);
  EXPECT_EQ(Failures(last_run).at(0).field, kConsentStatus);
  EXPECT_EQ(Field(), kOptedOut) << "the rest is written";
  EXPECT_TRUE(Ann().email_blacklisted);
  ExpectQuiet();
}

TEST_F(ConsentTest, AStatusThatIsRefusedCostsOnlyItself) {
  WithCampaigns("subscribed");
  person_writes.on_call = [this](const std::string&) {
    if (person_writes.calls.size() > 1) return absl::OkStatus();
    return WithReaction(absl::PermissionDeniedError("no such feature"), Reaction::kFailRecord);
  };
  BlockInBrevo();
  RunAll();
  EXPECT_THAT(person_writes.calls, SizeIs(2));
  EXPECT_EQ(Field(), kOptedOut);
  ExpectQuiet();
}

TEST_F(ConsentTest, ADryRunShowsBothWays) {
  pipedrive.Put(2, "bob@x.de", "Bob");
  RunAll(Full());
  SetField(kOptedOut);
  brevo.Find("bob@x.de")->email_blacklisted = true;
  RunOptions dry = Full();
  dry.dry_run = true;
  Forget();
  RunAll(dry);
  EXPECT_THAT(person_writes.calls, IsEmpty());
  EXPECT_EQ(brevo.CountWrites(), 0);
  const auto plan = store->ReadPlan(settings.connection, last_run, 0, 10);
  ASSERT_TRUE(plan.ok()) << plan.status();
  std::vector<std::string> shown;
  for (const PlannedChange& change : plan->changes) {
    for (const PlannedChange::Field& field : change.fields) shown.push_back(field.attribute);
  }
  EXPECT_THAT(shown, ElementsAre("emailBlacklisted", std::string(kConsentField)));
}

TEST_F(ConsentTest, ABlockThatTheWorkMadeIsNotLostToWhatWasToldMeanwhile) {
  ContactState before;
  ContactState after = before;
  after.email_blacklisted = true;
  ContactState told = before;
  told.told_at = clock.Now();
  EXPECT_TRUE(Rebase(before, after, told).email_blacklisted);
}

TEST_F(ConsentTest, AWriteThatBlocksSurvivesTheStore) {
  ContactWrite write;
  write.block_email = true;
  EXPECT_FALSE(write.empty());
  const auto read = DecodeContactWrite(Encode(write));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, write);
}

}  // namespace
}  // namespace connector::sync
