#include "sync/single_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/sync/converge_fixture.h"

namespace connector::sync {
namespace {

using connector::testing::FakeBrevo;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SingleWriterTest : public ConvergeFixture {
 protected:
  void SetUp() override { pipedrive.Put(1, "ann@x.de").phones = {{"030 1234567", "", true}}; }

  absl::StatusOr<store::Settlement> TryWrite() {
    std::vector<PlannedContact> planned = Lease();
    EXPECT_EQ(planned.size(), 1U);
    SingleWriter writer(*accounts, planning, *store, *tally);
    return writer.Write(std::move(planned.front()), {});
  }
  store::Settlement Write() {
    auto settlement = TryWrite();
    EXPECT_TRUE(settlement.ok()) << settlement.status();
    return settlement.ok() ? *std::move(settlement) : store::Settlement{};
  }
  int64_t Failed(FailureReason reason) {
    const auto found = progress().failed.find(reason);
    return found == progress().failed.end() ? 0 : found->second;
  }
};

TEST_F(SingleWriterTest, Creates) {
  Ingest();
  const store::Settlement settlement = Write();
  EXPECT_THAT(brevo.calls, ElementsAre("create ann@x.de"));
  EXPECT_EQ(settlement.state.existence, Existence::kPresent);
  EXPECT_EQ(settlement.state.brevo_id, brevo.Find("ann@x.de")->id);
  EXPECT_FALSE(settlement.keep_mark);
  EXPECT_EQ(progress().created, 1);
}

TEST_F(SingleWriterTest, AnAddressThatIsThereIsLookedAtAndMerged) {
  Ingest(Existence::kUnknown);
  Contact& there = brevo.Put("Ann@x.de");
  FakeBrevo::Set(there, "SMS", std::string("49301234567"));
  there.ext_id = "theirs";
  const store::Settlement settlement = Write();
  EXPECT_THAT(brevo.calls, ElementsAre("create ann@x.de", "get ann@x.de", "update 101"));
  EXPECT_EQ(settlement.state.brevo_id, 101);
  EXPECT_EQ(brevo.contacts[101].ext_id, "theirs");
  EXPECT_THAT(brevo.writes.back().attributes, ElementsAre(std::pair("FIRSTNAME", Value("Ann"))));
  EXPECT_EQ(progress().updated, 1);
  EXPECT_EQ(progress().created, 0);
}

TEST_F(SingleWriterTest, OurOwnExtIdLeadsToTheContactThatChangedItsAddress) {
  Ingest(Existence::kUnknown);
  brevo.Put("old@x.de").ext_id = "pd-7-1";
  Write();
  EXPECT_THAT(brevo.calls, ElementsAre("create ann@x.de", "get pd-7-1", "update 101"));
  EXPECT_EQ(brevo.contacts.size(), 1U);
  EXPECT_EQ(brevo.contacts[101].email, "ann@x.de");
}

class WithoutEmail : public SingleWriterTest {
 protected:
  void SetUp() override {
    settings.contacts_without_email = true;
    pipedrive.Put(1, "").phones = {{"030 1234567", "", true}};
  }
  const Contact& Only() { return brevo.contacts.begin()->second; }
};

TEST_F(WithoutEmail, ACreateOfUnknownOutcomeIsLookedForByItsExtId) {
  Ingest();
  brevo.after_call = [](const std::string&) {
    return WithReaction(absl::UnknownError("broken off"), Reaction::kAmbiguous);
  };
  Write();
  EXPECT_THAT(brevo.calls, ElementsAre("create ", "get pd-7-1"));
  EXPECT_EQ(brevo.contacts.size(), 1U);
  EXPECT_EQ(progress().created, 1);
}

TEST_F(WithoutEmail, OneThatIsThereIsFoundAndMerged) {
  Ingest(Existence::kUnknown);
  brevo.Put("").ext_id = "pd-7-1";
  const store::Settlement settlement = Write();
  EXPECT_THAT(brevo.calls, ElementsAre("create ", "get pd-7-1", "update 101"));
  EXPECT_EQ(settlement.state.brevo_id, 101);
  EXPECT_EQ(brevo.contacts.size(), 1U);
}

TEST_F(WithoutEmail, ANumberAnotherContactHasLeavesTheExtId) {
  Ingest(Existence::kUnknown);
  FakeBrevo::Set(brevo.Put("other@x.de"), "SMS", std::string("49301234567"));
  Write();
  EXPECT_EQ(Failed(FailureReason::kDuplicatePhone), 1);
  ASSERT_EQ(brevo.contacts.size(), 2U);
  EXPECT_EQ(brevo.contacts[102].ext_id, "pd-7-1");
}

TEST_F(WithoutEmail, TheExtIdNamesAContactWhoseNumberIsNotKnown) {
  Ingest();
  brevo.Put("").ext_id = "pd-7-1";
  std::vector<PlannedContact> planned = Lease();
  ASSERT_EQ(planned.size(), 1U);
  ContactPlan& plan = planned.front().plan;
  plan.action = PlanAction::kUpdate;
  plan.state.existence = Existence::kPresent;
  plan.state.ext_id = "pd-7-1";
  SingleWriter writer(*accounts, planning, *store, *tally);
  ASSERT_TRUE(writer.Write(std::move(planned.front()), {}).ok());
  EXPECT_THAT(brevo.calls, ElementsAre("update pd-7-1"));
}

TEST_F(SingleWriterTest, ANumberAnotherContactHasIsLeftOut) {
  Ingest();
  FakeBrevo::Set(brevo.Put("other@x.de"), "SMS", std::string("49301234567"));
  const store::Settlement settlement = Write();
  EXPECT_THAT(brevo.calls, ElementsAre("create ann@x.de", "create ann@x.de"));
  EXPECT_EQ(Sms("ann@x.de"), "");
  EXPECT_EQ(FirstName("ann@x.de"), "Ann");
  EXPECT_EQ(Failed(FailureReason::kDuplicatePhone), 1);
  EXPECT_THAT(settlement.released, ElementsAre(Identifier{Identifier::Kind::kSms, "49301234567"},
                                               Identifier{Identifier::Kind::kSms, "49301234567"}));
}

TEST_F(SingleWriterTest, ANumberBrevoFindsInvalidIsLeftOut) {
  Ingest();
  brevo.invalid_phones = {"49301234567"};
  Write();
  EXPECT_EQ(FirstName("ann@x.de"), "Ann");
  EXPECT_EQ(Failed(FailureReason::kInvalidPhone), 1);
  EXPECT_EQ(progress().created, 1);
}

TEST_F(SingleWriterTest, AContactThatIsGoneIsCreatedAgain) {
  brevo.Put("ann@x.de");
  Ingest();
  brevo.contacts.clear();
  const store::Settlement settlement = Write();
  EXPECT_THAT(brevo.calls, ElementsAre("update 101", "create ann@x.de"));
  EXPECT_EQ(settlement.state.brevo_id, 102);
  EXPECT_THAT(brevo.contacts[102].list_ids, ElementsAre(kList));
}

TEST_F(SingleWriterTest, ACreateOfUnknownOutcomeIsLookedForAndNotRepeated) {
  Ingest();
  brevo.after_call = [](const std::string&) {
    return WithReaction(absl::UnknownError("broken off"), Reaction::kAmbiguous);
  };
  const store::Settlement settlement = Write();
  EXPECT_THAT(brevo.calls, ElementsAre("create ann@x.de", "get ann@x.de"));
  EXPECT_EQ(settlement.state.brevo_id, 101);
  EXPECT_EQ(progress().created, 1);
}

TEST_F(SingleWriterTest, ACreateThatDidNotArriveIsRepeated) {
  Ingest();
  brevo.on_call = [&](const std::string& call) {
    const bool first = call.starts_with("create") && brevo.CountCalls("create") == 1;
    return first ? WithReaction(absl::UnknownError("broken off"), Reaction::kAmbiguous)
                 : absl::OkStatus();
  };
  Write();
  EXPECT_THAT(brevo.calls, ElementsAre("create ann@x.de", "get ann@x.de", "create ann@x.de"));
  EXPECT_EQ(progress().created, 1);
}

TEST_F(SingleWriterTest, GivesUpWhereAnswersContradictEachOther) {
  Ingest();
  brevo.on_call = [](const std::string& call) {
    if (!call.starts_with("create")) return absl::OkStatus();
    return WithField(WithReaction(absl::AlreadyExistsError("there"), Reaction::kConflict), "email");
  };
  const store::Settlement settlement = Write();
  EXPECT_EQ(brevo.CountCalls("create"), 5);
  EXPECT_EQ(Failed(FailureReason::kRejectedByBrevo), 1);
  EXPECT_FALSE(settlement.keep_mark);
}

class ChangedAddress : public SingleWriterTest {
 protected:
  void SetUp() override {
    SingleWriterTest::SetUp();
    FakeBrevo::Set(brevo.Put("old@x.de", {kList}), "FIRSTNAME", std::string("Ann"));
    brevo.contacts[101].ext_id = "pd-7-1";
    Ingest();
    clock.Advance(std::chrono::minutes(1));
  }
};

TEST_F(ChangedAddress, WhoUnsubscribedSinceTheLastLookStaysBlocked) {
  brevo.contacts[101].email_blacklisted = true;
  Write();
  EXPECT_THAT(brevo.calls, ElementsAre("get 101", "update 101", "get 101"));
  EXPECT_EQ(brevo.contacts[101].email, "ann@x.de");
  EXPECT_TRUE(brevo.contacts[101].email_blacklisted);
}

TEST_F(ChangedAddress, ABlockThatWasLostIsSetAgain) {
  brevo.contacts[101].email_blacklisted = true;
  brevo.forgets_blocks = true;
  Write();
  EXPECT_THAT(brevo.calls, ElementsAre("get 101", "update 101", "get 101", "update 101"));
  EXPECT_TRUE(brevo.contacts[101].email_blacklisted);
}

TEST_F(ChangedAddress, WhoIsNotBlockedIsNotTouchedTwice) {
  Write();
  EXPECT_THAT(brevo.calls, ElementsAre("get 101", "update 101"));
  EXPECT_FALSE(brevo.writes.back().keep_email_block);
}

TEST_F(SingleWriterTest, WhatConcernsTheAccountIsReturned) {
  Ingest();
  for (const Reaction reaction : {Reaction::kRetry, Reaction::kPauseAccount}) {
    brevo.on_call = [reaction](const std::string&) {
      return WithReaction(absl::UnavailableError("down"), reaction);
    };
    clock.Advance(std::chrono::minutes(2));  // beyond the lease of the attempt before
    EXPECT_EQ(ReactionOf(TryWrite().status()), reaction);
  }
  EXPECT_THAT(progress().failed, IsEmpty());
  EXPECT_EQ(Dirty(), 1);
}

TEST_F(SingleWriterTest, ARefusedRecordIsAFailureAndNothingElse) {
  Ingest();
  brevo.invalid_emails = {"ann@x.de"};
  Write();
  EXPECT_EQ(Failed(FailureReason::kRejectedByBrevo), 1);
  EXPECT_EQ(progress().created, 0);
}

}  // namespace
}  // namespace connector::sync
