#include "sync/erase.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sync_fixture.h"

namespace connector::sync {
namespace {

using store::ErasureOutcome;
using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class EraseTest : public connector::testing::SyncFixture {
 protected:
  EraseTest() {
    clock.Advance(std::chrono::hours(24 * 365));
    pipedrive.Put(1, "a@x.de");
    pipedrive.Put(2, "b@x.de");
    RunAll();
    RunAll(Full());
  }

  absl::StatusOr<store::Erasure> Ask(const ContactKey& key) {
    const Accounts accounts = MakeAccounts();
    http::CallContext call;
    call.deadline = clock.Now() + std::chrono::seconds(5);
    return EraseContact(accounts, key, {call, absl::StrCat("audit", ++asked_)});
  }
  store::Erasure Erase(const ContactKey& key) {
    const auto erased = Ask(key);
    EXPECT_TRUE(erased.ok()) << erased.status();
    return erased.value_or(store::Erasure{});
  }
  bool IsKnown(const std::string& email) {
    const auto state = store->FindContact(settings.connection, {Identifier::Kind::kEmail, email});
    return state.ok() && state->has_value();
  }

 private:
  int asked_ = 0;
};

TEST_F(EraseTest, TheDefaultPolicyAnonymisesInPipedriveAndDeletesInBrevo) {
  const store::Erasure erased = Erase(EmailKey{"A@x.de"});
  EXPECT_EQ(erased.here, ErasureOutcome::kDeleted);
  EXPECT_EQ(erased.pipedrive, ErasureOutcome::kAnonymised);
  EXPECT_EQ(erased.brevo, ErasureOutcome::kDeleted);
  EXPECT_TRUE(erased.finished_at);
  EXPECT_THAT(erased.target.emails, IsEmpty()) << "the record holds no personal data";
  EXPECT_FALSE(IsKnown("a@x.de"));
  EXPECT_FALSE(*store->FindPerson(settings.connection, 1));
  EXPECT_EQ(brevo.Find("a@x.de"), nullptr);
  EXPECT_THAT(pipedrive.persons.at(1).emails, IsEmpty());
  EXPECT_EQ(pipedrive.persons.at(1).name, "Erased");
  EXPECT_TRUE(IsKnown("b@x.de"));
}

TEST_F(EraseTest, NoLaterSyncBringsThePersonBack) {
  settings.removal.erase_in_pipedrive = PipedriveErasure::kKeep;
  EXPECT_EQ(Erase(PersonKey{1}).pipedrive, ErasureOutcome::kKept);
  clock.Advance(std::chrono::hours(1));
  pipedrive.Put(1, "other@x.de", "Anna");  // the same person by another address
  pipedrive.Put(3, "a@x.de", "Again");     // the address by another person
  brevo.Put("a@x.de");                     // and by somebody else's import
  const RunProgress progress = RunAll(Full());
  EXPECT_EQ(progress.skipped.at(SkipReason::kErased), 2);
  EXPECT_FALSE(IsKnown("a@x.de"));
  EXPECT_FALSE(IsKnown("other@x.de"));
  EXPECT_EQ(brevo.Find("other@x.de"), nullptr);
  EXPECT_EQ(FirstName("a@x.de"), "") << "what others put there is left alone";
}

TEST_F(EraseTest, ItIsIdempotent) {
  const store::Erasure first = Erase(PersonKey{1});
  ForgetCalls();
  person_writes.calls.clear();
  for (const ContactKey& key : {ContactKey{PersonKey{1}}, ContactKey{EmailKey{"a@x.de"}}}) {
    const store::Erasure again = Erase(key);
    EXPECT_EQ(again.id, first.id);
    EXPECT_EQ(again.brevo, ErasureOutcome::kDeleted);
  }
  EXPECT_THAT(brevo.calls, IsEmpty());
  EXPECT_THAT(person_writes.calls, IsEmpty());
}

TEST_F(EraseTest, WhatCannotBeReachedIsPendingUntilALaterRun) {
  brevo.on_call = [](const std::string& call) {
    return call.starts_with("delete")
               ? WithReaction(absl::UnavailableError("down"), Reaction::kRetry)
               : absl::OkStatus();
  };
  const store::Erasure first = Erase(EmailKey{"a@x.de"});
  EXPECT_EQ(first.brevo, ErasureOutcome::kPending);
  EXPECT_EQ(first.pipedrive, ErasureOutcome::kAnonymised);
  EXPECT_FALSE(IsKnown("a@x.de"));
  EXPECT_NE(brevo.Find("a@x.de"), nullptr);
  brevo.on_call = nullptr;
  RunAll();
  EXPECT_EQ(brevo.Find("a@x.de"), nullptr);
  const auto found = store->FindErasure(settings.connection, "a@x.de");
  ASSERT_TRUE(found.ok() && *found);
  EXPECT_EQ((*found)->brevo, ErasureOutcome::kDeleted);
  EXPECT_TRUE((*found)->finished_at);
  EXPECT_THAT((*found)->target.emails, IsEmpty());
}

TEST_F(EraseTest, AnonymisingInBrevoEmptiesAndBlocksTheContact) {
  settings.removal.erase_in_brevo = BrevoErasure::kAnonymise;
  const int64_t id = brevo.Find("a@x.de")->id;
  EXPECT_EQ(Erase(PersonKey{1}).brevo, ErasureOutcome::kAnonymised);
  const Contact& contact = brevo.contacts.at(id);
  EXPECT_EQ(contact.email, absl::StrCat("erased-", id, "@erased.invalid"));
  EXPECT_THAT(contact.attributes, IsEmpty());
  EXPECT_THAT(contact.list_ids, IsEmpty());
  ASSERT_FALSE(brevo.writes.empty());
  EXPECT_TRUE(brevo.writes.back().keep_email_block);
}

TEST_F(EraseTest, AllPersonsOfTheContactAreErased) {
  settings.removal.erase_in_pipedrive = PipedriveErasure::kDelete;
  pipedrive.Put(3, "a@x.de", "Cleo");
  RunAll();
  EXPECT_EQ(Erase(PersonKey{3}).pipedrive, ErasureOutcome::kDeleted);
  EXPECT_THAT(person_writes.calls, Contains("delete 1"));
  EXPECT_THAT(person_writes.calls, Contains("delete 3"));
  EXPECT_THAT(person_writes.calls, Not(Contains("delete 2")));
}

TEST_F(EraseTest, FailuresAndPlansOfThePersonGo) {
  pipedrive.Put(1, "a@x.de", "Anna").phones = {{"not a number", "work", true}};
  clock.Advance(std::chrono::minutes(1));
  RunOptions dry;
  dry.dry_run = true;
  RunAll(dry);
  const std::string planned = last_run;
  RunAll();
  ASSERT_THAT(Failures(), Not(IsEmpty()));
  ASSERT_THAT(store->ReadPlan(settings.connection, planned, 0, 10)->changes, SizeIs(1));
  Erase(PersonKey{1});
  EXPECT_THAT(Failures(), IsEmpty());
  EXPECT_THAT(store->ReadPlan(settings.connection, planned, 0, 10)->changes, IsEmpty());
}

TEST_F(EraseTest, NobodyKnownIsNotFoundAndLeavesNothing) {
  EXPECT_EQ(Ask(PersonKey{9}).status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(*store->FindErasure(settings.connection, "pd-7-9"));
}

}  // namespace
}  // namespace connector::sync
