#include "sync/delete_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sync_fixture.h"

namespace connector::sync {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr int64_t kOther = connector::testing::FakeBrevo::kList + 1;

class DeletePolicyTest : public connector::testing::SyncFixture {
 protected:
  DeletePolicyTest() {
    clock.Advance(std::chrono::hours(24 * 365));
    pipedrive.Put(1, "a@x.de");
    pipedrive.Put(2, "b@x.de");
  }

  // As events and incremental runs show it.
  void Delete(int64_t id) {
    clock.Advance(std::chrono::minutes(5));
    pipedrive.persons.at(id).is_deleted = true;
    pipedrive.persons.at(id).update_time = clock.Now();
  }
  bool IsThere(std::string_view email) { return brevo.Find(email) != nullptr; }
  std::vector<int64_t> Lists(std::string_view email) {
    const Contact* contact = brevo.Find(email);
    return contact != nullptr ? contact->list_ids : std::vector<int64_t>{-1};
  }
  bool IsKnown(const std::string& email) {
    const auto state = store->FindContact(settings.connection, {Identifier::Kind::kEmail, email});
    return state.ok() && state->has_value();
  }
};

TEST_F(DeletePolicyTest, KeepLeavesTheContactAndRemembersTheBinding) {
  RunAll();
  Delete(1);
  ForgetCalls();
  RunAll();
  EXPECT_THAT(Lists("a@x.de"), ElementsAre(kList));
  EXPECT_EQ(brevo.CountWrites(), 0);
  EXPECT_TRUE((*store->FindPerson(settings.connection, 1))->contact_key);
}

TEST_F(DeletePolicyTest, UnlinkTakesItOffTheListsThatTheConnectorPutItOn) {
  settings.removal.on_delete = OnDelete::kUnlink;
  RunAll();
  brevo.Find("a@x.de")->list_ids = {kList, kOther};  // the other by somebody else's hand
  brevo.Find("a@x.de")->modified_at = clock.Now();
  RunAll(Full());
  Delete(1);
  RunAll();
  EXPECT_THAT(Lists("a@x.de"), ElementsAre(kOther));
  EXPECT_FALSE((*store->FindPerson(settings.connection, 1))->contact_key);
  EXPECT_TRUE(IsKnown("a@x.de"));
  ForgetCalls();
  RunAll();
  RunAll(Full());
  EXPECT_EQ(brevo.CountWrites(), 0) << "once is enough";
}

TEST_F(DeletePolicyTest, DeleteDeletesAndForgetsTheContact) {
  settings.removal.on_delete = OnDelete::kDelete;
  RunAll();
  Delete(1);
  ForgetCalls();
  RunAll();
  EXPECT_FALSE(IsThere("a@x.de"));
  EXPECT_TRUE(IsThere("b@x.de"));
  EXPECT_FALSE(IsKnown("a@x.de"));
  EXPECT_THAT(pipedrive.calls, Contains("persons ids=1")) << "read again before it is deleted";
  ForgetCalls();
  RunAll();
  EXPECT_THAT(brevo.calls, Not(Contains(StartsWith("delete"))));
}

TEST_F(DeletePolicyTest, ADryRunShowsTheDeletionAndDoesNotDoIt) {
  settings.removal.on_delete = OnDelete::kDelete;
  RunAll();
  Delete(1);
  RunOptions dry;
  dry.dry_run = true;
  RunAll(dry);
  const auto plan = store->ReadPlan(settings.connection, last_run, 0, 10);
  ASSERT_TRUE(plan.ok());
  bool shown = false;
  for (const PlannedChange& change : plan->changes) {
    shown |= change.person_id == 1 && change.action == PlannedChange::Action::kDelete;
  }
  EXPECT_TRUE(shown);
  EXPECT_TRUE(IsThere("a@x.de"));
}

TEST_F(DeletePolicyTest, ABlockedContactIsUnlinkedRatherThanDeleted) {
  settings.removal.on_delete = OnDelete::kDelete;
  RunAll();
  brevo.Find("a@x.de")->email_blacklisted = true;
  brevo.Find("a@x.de")->modified_at = clock.Now();
  RunAll(Full());
  Delete(1);
  RunAll();
  ASSERT_TRUE(IsThere("a@x.de")) << "Brevo would forget the block with it";
  EXPECT_THAT(Lists("a@x.de"), IsEmpty());
  EXPECT_TRUE(brevo.Find("a@x.de")->email_blacklisted);
}

TEST_F(DeletePolicyTest, AContactThatAnotherPersonSharesStays) {
  settings.removal.on_delete = OnDelete::kDelete;
  pipedrive.Put(3, "a@x.de", "Cleo");
  RunAll();
  EXPECT_EQ(FirstName("a@x.de"), "Ann");
  Delete(1);
  RunAll();
  EXPECT_EQ(FirstName("a@x.de"), "Cleo") << "the next one gives the fields";
  Delete(3);
  RunAll();
  EXPECT_FALSE(IsThere("a@x.de"));
}

// Row 12 of the complaints: a merge fires a delete event for the loser.
TEST_F(DeletePolicyTest, TheLoserOfAMergeIsNotDeletedAndTheContactStays) {
  settings.removal.on_delete = OnDelete::kDelete;
  RunAll();
  store::IngestBatch batch;
  batch.merges.push_back({.from = 1, .to = 2});
  ASSERT_TRUE(store->FinishIngest(settings.connection, "", batch).ok());
  Delete(1);
  RunAll();
  EXPECT_TRUE(IsThere("b@x.de"));
  EXPECT_TRUE(IsThere("a@x.de")) << "nobody stands behind it, and nobody deletes it";
}

TEST_F(DeletePolicyTest, ADeletionThatPipedriveDoesNotConfirmIsWithdrawn) {
  settings.removal.on_delete = OnDelete::kDelete;
  RunAll();
  store::IngestBatch batch;
  batch.gone_persons = {1};
  ASSERT_TRUE(store->FinishIngest(settings.connection, "", batch).ok());
  clock.Advance(std::chrono::minutes(5));
  pipedrive.Put(1, "a@x.de", "Anna");
  // What the event said is carried out by the run, before it has read the person.
  pipedrive.on_call = nullptr;
  const Accounts accounts = MakeAccounts();
  const Planning planning = MakePlanning();
  const auto found = store->BundleOfPerson(settings.connection, 1);
  ASSERT_TRUE(found.ok() && *found);
  ASSERT_THAT((*found)->gone_persons, ElementsAre(1));
  const auto removal = RemoveContact(accounts, planning, **found, {});
  ASSERT_TRUE(removal.ok()) << removal.status();
  EXPECT_EQ(*removal, Removal::kWithdrawn);
  EXPECT_TRUE(IsThere("a@x.de"));
  RunAll();
  EXPECT_EQ(FirstName("a@x.de"), "Anna");
}

// Row 8: "contact deleted in Pipedrive is never re-created when pushed again".
TEST_F(DeletePolicyTest, APersonMadeAgainWithTheSameEmailHasItsContactAgain) {
  for (const OnDelete policy : {OnDelete::kKeep, OnDelete::kUnlink, OnDelete::kDelete}) {
    settings.removal.on_delete = policy;
    const auto id = static_cast<int64_t>(policy) * 10 + 20;
    const std::string email = absl::StrCat("again", id, "@x.de");
    pipedrive.Put(id, email, "First");
    RunAll();
    Delete(id);
    RunAll();
    clock.Advance(std::chrono::minutes(5));
    pipedrive.Put(id + 1, email, "Second");
    RunAll();
    EXPECT_EQ(FirstName(email), "Second") << id;
    EXPECT_THAT(Lists(email), ElementsAre(kList)) << id;
  }
}

TEST_F(DeletePolicyTest, ARestoredPersonHasItsContactAgain) {
  for (const OnDelete policy : {OnDelete::kKeep, OnDelete::kUnlink, OnDelete::kDelete}) {
    settings.removal.on_delete = policy;
    const auto id = static_cast<int64_t>(policy) * 10 + 20;
    const std::string email = absl::StrCat("back", id, "@x.de");
    pipedrive.Put(id, email, "Back");
    RunAll();
    Delete(id);
    RunAll();
    clock.Advance(std::chrono::minutes(5));
    pipedrive.persons.at(id).is_deleted = false;
    pipedrive.persons.at(id).update_time = clock.Now();
    RunAll();
    EXPECT_EQ(FirstName(email), "Back") << id;
    EXPECT_THAT(Lists(email), ElementsAre(kList)) << id;
    EXPECT_EQ(brevo.Find(email)->ext_id, absl::StrCat("pd-7-", id));
  }
}

TEST_F(DeletePolicyTest, PersonsThatSwapTheirEmailsKeepTheirContactsAndAreReported) {
  RunAll();
  clock.Advance(std::chrono::minutes(5));
  pipedrive.Put(1, "b@x.de");
  pipedrive.Put(2, "a@x.de");
  RunAll();
  EXPECT_EQ(brevo.Find("a@x.de")->ext_id, "pd-7-1");
  EXPECT_EQ(brevo.Find("b@x.de")->ext_id, "pd-7-2");
  int conflicts = 0;
  for (const Failure& failure : Failures(last_run)) {
    conflicts += failure.reason == FailureReason::kIdentifierConflict ? 1 : 0;
  }
  EXPECT_EQ(conflicts, 2);
}

TEST_F(DeletePolicyTest, AContactThatIsGoneAlreadyIsNoFailure) {
  settings.removal.on_delete = OnDelete::kDelete;
  RunAll();
  Delete(1);
  brevo.contacts.erase(brevo.Find("a@x.de")->id);
  RunAll();
  EXPECT_THAT(Failures(last_run), IsEmpty());
  EXPECT_FALSE(IsKnown("a@x.de"));
}

TEST_F(DeletePolicyTest, WhatBrevoRefusesToDeleteIsReportedAndKept) {
  settings.removal.on_delete = OnDelete::kDelete;
  RunAll();
  Delete(1);
  brevo.on_call = [](const std::string& call) {
    return call.starts_with("delete")
               ? WithReaction(absl::InvalidArgumentError("not allowed"), Reaction::kFailRecord)
               : absl::OkStatus();
  };
  RunAll();
  ASSERT_THAT(Failures(last_run), ::testing::SizeIs(1));
  EXPECT_EQ(Failures(last_run)[0].reason, FailureReason::kRejectedByBrevo);
  EXPECT_TRUE(IsKnown("a@x.de"));
}

}  // namespace
}  // namespace connector::sync
