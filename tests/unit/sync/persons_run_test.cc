#include "sync/persons_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "support/sync_fixture.h"

namespace connector::sync {
namespace {

using connector::testing::FakeBrevo;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class PersonsRunTest : public connector::testing::SyncFixture {
 protected:
  void Fill(int count) {
    for (int i = 1; i <= count; ++i) {
      pipedrive.Put(i, absl::StrCat("p", i, "@x.de"), absl::StrCat("Name", i));
    }
  }
};

TEST_F(PersonsRunTest, AColdRunWritesEveryPersonOnceByImport) {
  settings.import_threshold = 3;
  Fill(5);
  pipedrive.persons[5].phones = {{"030 1234567", "work", true}};
  pipedrive.persons[5].org_id = 9;
  pipedrive.organizations[9] = {.id = 9, .name = "Acme"};
  brevo.Put("p1@x.de", {kList}).ext_id = "theirs";
  const RunProgress progress = RunAll();
  EXPECT_TRUE(progress.full);
  EXPECT_EQ(progress.phase, RunPhase::kDone);
  EXPECT_EQ(progress.read, 5);
  EXPECT_EQ(progress.created, 4);
  EXPECT_EQ(progress.updated, 1);
  EXPECT_THAT(pipedrive.calls, ElementsAre("account", "person fields", "organization fields",
                                           "organizations", "persons"));
  EXPECT_THAT(brevo.calls, ElementsAre("attributes", "lists", "contacts@0", "import 5 to 5",
                                       "processes", "processes"));
  EXPECT_EQ(brevo.contacts.size(), 5U);
  EXPECT_EQ(FirstName("p1@x.de"), "Name1");
  EXPECT_EQ(brevo.Find("p1@x.de")->ext_id, "theirs");
  const Contact& fifth = *brevo.Find("p5@x.de");
  EXPECT_EQ(fifth.ext_id, "pd-7-5");
  EXPECT_EQ(Sms("p5@x.de"), "49301234567");
  EXPECT_EQ(FakeBrevo::Get(fifth, "COMPANY"), Value("Acme"));
  EXPECT_THAT(fifth.list_ids, ElementsAre(kList));
}

TEST_F(PersonsRunTest, ASecondRunWritesNothing) {
  Fill(4);
  RunAll();
  for (const RunOptions& options : {RunOptions{}, Full(), RunOptions{}}) {
    ForgetCalls();
    const RunProgress progress = RunAll(options);
    EXPECT_EQ(brevo.CountWrites(), 0);
    EXPECT_EQ(progress.unchanged, 4);
    EXPECT_EQ(progress.created + progress.updated, 0);
  }
}

TEST_F(PersonsRunTest, ASecondFullRunAfterAnImportWritesNothing) {
  settings.import_threshold = 1;
  Fill(4);
  RunAll();
  ForgetCalls();
  EXPECT_EQ(RunAll(Full()).unchanged, 4);
  EXPECT_EQ(brevo.CountWrites(), 0);
}

TEST_F(PersonsRunTest, OneChangedPersonCostsTwoListCallsAndOneWrite) {
  Fill(3);
  clock.Advance(std::chrono::minutes(10));
  RunAll();
  RunAll(Full());  // sees what was written
  clock.Advance(std::chrono::minutes(10));
  pipedrive.Put(2, "p2@x.de", "New");
  ForgetCalls();
  const RunProgress progress = RunAll();
  EXPECT_FALSE(progress.full);
  EXPECT_THAT(pipedrive.calls, ElementsAre("persons since"));
  EXPECT_THAT(brevo.calls, ElementsAre("contacts since@0", "update 102"));
  EXPECT_EQ(FirstName("p2@x.de"), "New");
  EXPECT_EQ(progress.updated, 1);
  EXPECT_EQ(progress.read, 1);
}

TEST_F(PersonsRunTest, AWriteThatWasNeverSeenIsLookedAtBeforeItIsWrittenOver) {
  settings.person_mapping[0].on_conflict = mapping::ConflictPolicy::kBrevoWins;
  Fill(1);
  RunAll();
  clock.Advance(std::chrono::minutes(10));
  FakeBrevo::Set(*brevo.Find("p1@x.de"), "FIRSTNAME", std::string("Edited"));
  pipedrive.Put(1, "p1@x.de", "New");
  brevo.shows_changes = false;  // not yet: its pages lag behind
  ForgetCalls();
  RunAll();
  EXPECT_THAT(brevo.calls, ElementsAre("contacts since@0", "get 101"));
  EXPECT_EQ(FirstName("p1@x.de"), "Edited");
}

TEST_F(PersonsRunTest, AnOrganizationsNewNameReachesItsPersons) {
  settings.organizations = false;  // else they have runs of their own
  Fill(2);
  pipedrive.persons[1].org_id = 9;
  pipedrive.organizations[9] = {.id = 9, .name = "Old", .update_time = clock.Now()};
  RunAll();
  clock.Advance(std::chrono::minutes(10));
  pipedrive.organizations[9] = {.id = 9, .name = "New", .update_time = clock.Now()};
  ForgetCalls();
  RunAll();
  EXPECT_THAT(brevo.calls, ElementsAre("contacts since@0", "update 101"));
  EXPECT_EQ(FakeBrevo::Get(*brevo.Find("p1@x.de"), "COMPANY"), Value("New"));
}

TEST_F(PersonsRunTest, AnotherMappingPlansEveryoneAnew) {
  Fill(3);
  for (auto& [id, person] : pipedrive.persons) person.last_name = "Last";
  RunAll();
  settings.person_mapping.push_back(Rule("last_name", "LASTNAME"));
  ForgetCalls();
  const RunProgress progress = RunAll();
  EXPECT_TRUE(progress.full);
  EXPECT_EQ(progress.updated, 3);
  EXPECT_EQ(FakeBrevo::Get(*brevo.Find("p3@x.de"), "LASTNAME"), Value("Last"));
  ForgetCalls();
  EXPECT_FALSE(RunAll().full);
  EXPECT_EQ(brevo.CountWrites(), 0);
}

TEST_F(PersonsRunTest, ADryRunWritesNothingAndPlansWhatARunThenDoes) {
  settings.import_threshold = 3;
  Fill(4);
  pipedrive.persons[3].phones = {{"not a number", "", true}};
  pipedrive.Put(5, "", "NoEmail");
  pipedrive.Put(6, "p1@x.de", "Double");
  pipedrive.Put(7, "at home", "Invalid");
  brevo.Put("p4@x.de", {kList});
  RunOptions dry;
  dry.dry_run = true;
  const RunProgress planned = RunAll(dry);
  EXPECT_EQ(brevo.CountWrites(), 0);
  EXPECT_EQ(*store->GetWatermark(settings.connection, "persons.updated_since"), "");
  const auto plan = store->ReadPlan(settings.connection, last_run, 0, 100);
  ASSERT_TRUE(plan.ok()) << plan.status();
  std::map<int64_t, PlannedChange> changes;
  for (const PlannedChange& change : plan->changes) changes[change.person_id] = change;
  EXPECT_EQ(plan->changes.size(), 7U);
  ASSERT_EQ(changes.size(), 7U);
  for (const auto& [person, skip] : std::map<int64_t, SkipReason>{{5, SkipReason::kNoEmail},
                                                                  {6, SkipReason::kDuplicateEmail},
                                                                  {7, SkipReason::kInvalidEmail}}) {
    EXPECT_EQ(changes[person].action, PlannedChange::Action::kSkip) << person;
    EXPECT_EQ(changes[person].skip, skip) << person;
    EXPECT_EQ(planned.skipped.at(skip), 1);
  }
  ASSERT_EQ(changes[3].dropped.size(), 1U);
  EXPECT_EQ(changes[3].dropped[0].attribute, "SMS");
  EXPECT_EQ(changes[3].dropped[0].reason, FailureReason::kInvalidPhone);
  EXPECT_EQ(planned.planned.import_jobs, 1);
  EXPECT_EQ(planned.planned.single_writes, 0);
  const RunProgress done = RunAll();
  EXPECT_EQ(done.created, planned.created);
  EXPECT_EQ(done.updated, planned.updated);
  EXPECT_EQ(done.skipped, planned.skipped);
  EXPECT_EQ(brevo.import_bodies.size(), 1U);
  for (const PlannedChange& change : plan->changes) {
    if (change.action == PlannedChange::Action::kSkip) continue;
    EXPECT_EQ(change.reason, "import");
    EXPECT_EQ(change.skip, std::nullopt);
    EXPECT_NE(brevo.Find(change.email), nullptr) << change.email;
  }
}

TEST_F(PersonsRunTest, ACancelledRunStopsBetweenPages) {
  Fill(3);
  pipedrive.page_size = 1;
  const auto session = StartRun();
  const Accounts accounts = MakeAccounts();
  pipedrive.on_call = [&](const std::string& call) {
    if (call == "persons@1") {
      EXPECT_TRUE(store->RequestCancel(settings.connection, session->run().id).ok());
      session->Renew(clock.Now() + kLease);
    }
    return absl::OkStatus();
  };
  EXPECT_EQ(RunPersons(accounts, *session).code(), absl::StatusCode::kCancelled);
  EXPECT_THAT(pipedrive.calls, Not(Contains("persons@2")));
  EXPECT_EQ(brevo.CountWrites(), 0);
  End(*session, RunState::kCancelled);
  // What it read is written by the next run.
  pipedrive.on_call = nullptr;
  RunAll();
  EXPECT_EQ(brevo.contacts.size(), 3U);
}

TEST_F(PersonsRunTest, AQueuedRunThatWasCancelledDoesNothing) {
  Fill(1);
  connector::Run run{.id = "queued", .connection = settings.connection};
  ASSERT_TRUE(store->SubmitRun(run).ok());
  ASSERT_TRUE(store->RequestCancel(settings.connection, "queued").ok());
  const auto session = TakeRun();
  EXPECT_EQ(RunPersons(MakeAccounts(), *session).code(), absl::StatusCode::kCancelled);
  EXPECT_THAT(pipedrive.calls, IsEmpty());
}

TEST_F(PersonsRunTest, StopsAfterSoManyFailures) {
  Fill(4);
  for (const auto& [id, person] : pipedrive.persons) {
    brevo.invalid_emails.insert(person.emails.front().value);
  }
  RunOptions options;
  options.stop_after_failures = 2;
  const auto session = StartRun(options);
  const absl::Status done = RunPersons(MakeAccounts(), *session);
  EXPECT_EQ(done.code(), absl::StatusCode::kFailedPrecondition) << done;
  EXPECT_EQ(session->FailedRecords(), 2);
  EXPECT_EQ(brevo.CountCalls("create "), 2);
}

// Memory would grow with the account if losses waited for the end of the imports.
TEST_F(PersonsRunTest, WhatAPlanLosesIsBookedBeforeItsImportEnds) {
  settings.import_threshold = 1;
  Fill(2);
  pipedrive.persons[2].phones = {{"no number", "", true}};
  int64_t polls = 0;
  brevo.on_call = [&](const std::string& call) {
    if (call != "processes") return absl::OkStatus();
    ++polls;
    EXPECT_EQ(Failures().size(), 1U);
    return absl::OkStatus();
  };
  EXPECT_EQ(RunAll().created, 2);
  EXPECT_GT(polls, 0);
  EXPECT_EQ(Failures().size(), 1U);
}

// Its last write was its last batch: all is done but for the end of the run itself.
TEST_F(PersonsRunTest, ARunThatIsCancelledAtItsLastWriteMovesNoWatermark) {
  Fill(1);
  const auto session = StartRun();
  brevo.after_call = [&](const std::string&) {
    EXPECT_TRUE(store->RequestCancel(settings.connection, session->run().id).ok());
    session->Renew(clock.Now() + kLease);
    return absl::OkStatus();
  };
  const absl::Status done = RunPersons(MakeAccounts(), *session);
  EXPECT_EQ(done.code(), absl::StatusCode::kCancelled) << done;
  brevo.after_call = nullptr;
  End(*session, RunState::kCancelled);
  EXPECT_EQ(*store->GetWatermark(settings.connection, "persons.updated_since"), "");
  EXPECT_EQ(*store->GetWatermark(settings.connection, "persons.fingerprint"), "");
  EXPECT_TRUE(RunAll().full);
  EXPECT_FALSE(RunAll().full);
}

TEST_F(PersonsRunTest, ARunThatItsLastRecordStopsMovesNoWatermark) {
  Fill(1);
  brevo.invalid_emails.insert("p1@x.de");
  RunOptions options;
  options.stop_after_failures = 1;
  const auto session = StartRun(options);
  const absl::Status done = RunPersons(MakeAccounts(), *session);
  EXPECT_EQ(done.code(), absl::StatusCode::kFailedPrecondition) << done;
  End(*session, RunState::kFailed);
  EXPECT_EQ(*store->GetWatermark(settings.connection, "persons.updated_since"), "");
}

TEST_F(PersonsRunTest, ContactsVanishedAfterAnImportAreWrittenAgain) {
  settings.import_threshold = 1;
  Fill(2);
  pipedrive.persons[2].phones = {{"030 1234567", "", true}};
  brevo.names_refused = false;
  brevo.shows_changes = false;
  FakeBrevo::Set(brevo.Put("other@x.de"), "SMS", std::string("49301234567"));
  // The walk does not show the number, as one that was set while it was under way.
  const Contact other = brevo.contacts.begin()->second;
  brevo.contacts.clear();
  brevo.on_call = [&](const std::string& call) {
    if (call.starts_with("import") && brevo.contacts.empty()) brevo.contacts[other.id] = other;
    return absl::OkStatus();
  };
  const RunProgress first = RunAll();
  EXPECT_FALSE(first.warnings.empty());
  EXPECT_EQ(brevo.Find("p2@x.de"), nullptr);
  RunAll(Full());
  EXPECT_EQ(FirstName("p2@x.de"), "Name2");
  EXPECT_EQ(Sms("p2@x.de"), "");
  ForgetCalls();
  RunAll(Full());
  EXPECT_EQ(brevo.CountWrites(), 0);
}

TEST_F(PersonsRunTest, AnIncrementalRunReadsWhatChangedInBrevo) {
  Fill(2);
  RunAll();
  clock.Advance(std::chrono::minutes(10));
  ForgetCalls();
  RunAll();
  EXPECT_THAT(brevo.calls, ElementsAre("contacts since@0")) << "confirms what was written";
  const auto field = [this](const char* attribute) {
    const auto state =
        store->FindContact(settings.connection, {Identifier::Kind::kEmail, "p1@x.de"});
    return *FindField(**state, attribute);
  };
  EXPECT_EQ(field("FIRSTNAME").unconfirmed, std::nullopt);
  EXPECT_EQ(field("FIRSTNAME").base, Value("Name1"));

  clock.Advance(std::chrono::minutes(10));
  FakeBrevo::Set(*brevo.Find("p1@x.de"), "FIRSTNAME", std::string("Edited"));
  brevo.Find("p1@x.de")->modified_at = clock.Now();
  brevo.Put("stranger@x.de");
  clock.Advance(std::chrono::minutes(10));
  ForgetCalls();
  RunAll();
  EXPECT_EQ(field("FIRSTNAME").seen, Value("Edited"));
  EXPECT_EQ(field("FIRSTNAME").base, Value("Edited")) << "it has flowed into Pipedrive";
  EXPECT_EQ(brevo.CountWrites(), 0);
  EXPECT_EQ(brevo.calls.size(), 1U);
}

TEST_F(PersonsRunTest, WhatBrevoWasSeenToHoldOnceIsNotReadAgain) {
  Fill(1);
  RunAll();
  for (int i = 0; i < 3; ++i) {
    clock.Advance(std::chrono::minutes(10));
    RunAll();
    brevo.Put(absl::StrCat("new", i, "@x.de"));
  }
  // A minute before the start of the last read, not of the first one.
  const auto read = store->GetWatermark(settings.connection, "contacts.read");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(ParseTime(*read), Time(std::chrono::floor<std::chrono::seconds>(clock.Now())));
}

TEST_F(PersonsRunTest, ManyUnknownContactsCostOneLookAtWhatChangedInBrevo) {
  settings.import_threshold = 3;
  Fill(1);
  RunAll();
  clock.Advance(std::chrono::minutes(10));
  Fill(5);
  brevo.Put("p3@x.de", {kList});
  ForgetCalls();
  const RunProgress progress = RunAll();
  EXPECT_FALSE(progress.full);
  EXPECT_EQ(brevo.CountCalls("contacts since@0"), 1);
  EXPECT_EQ(brevo.CountCalls("contacts"), 1);
  EXPECT_EQ(brevo.CountCalls("import 4 to 5"), 1);
  EXPECT_EQ(progress.created, 3);
  EXPECT_EQ(brevo.contacts.size(), 5U);
}

TEST_F(PersonsRunTest, FewUnknownContactsAreJustCreated) {
  Fill(1);
  RunAll();
  clock.Advance(std::chrono::minutes(10));
  Fill(3);
  ForgetCalls();
  RunAll();
  EXPECT_THAT(brevo.calls,
              UnorderedElementsAre("contacts since@0", "create p2@x.de", "create p3@x.de"));
}

TEST_F(PersonsRunTest, APersonWithoutAnAddressLivesByItsExtId) {
  settings.contacts_without_email = true;
  settings.import_threshold = 1;
  pipedrive.Put(1, "", "Ann").phones = {{"030 1234567", "", true}};
  pipedrive.Put(2, "", "Bob");
  pipedrive.Put(3, "cid@x.de", "Cid");
  RunProgress progress = RunAll();
  EXPECT_EQ(progress.created, 3);
  EXPECT_THAT(progress.skipped, IsEmpty());
  EXPECT_EQ(brevo.import_bodies.size(), 1U);
  EXPECT_EQ(brevo.CountCalls("create "), 2);
  const auto by_id = [&](std::string id) {
    return brevo.Resolve({brevo::ContactId::Type::kExtId, std::move(id)});
  };
  ASSERT_NE(by_id("pd-7-1"), nullptr);
  ASSERT_NE(by_id("pd-7-2"), nullptr);
  EXPECT_EQ(FakeBrevo::Get(*by_id("pd-7-1"), "SMS"), Value("49301234567"));
  EXPECT_THAT(by_id("pd-7-2")->list_ids, ElementsAre(kList));

  for (const RunOptions& options : {RunOptions{}, Full()}) {
    ForgetCalls();
    EXPECT_EQ(RunAll(options).unchanged, 3);
    EXPECT_EQ(brevo.CountWrites(), 0);
  }

  // An address moves nobody.
  const int64_t contact = by_id("pd-7-1")->id;
  clock.Advance(std::chrono::minutes(5));
  pipedrive.Put(1, "ann@x.de", "Anna");
  ForgetCalls();
  progress = RunAll();
  EXPECT_EQ(progress.updated, 1);
  ASSERT_NE(brevo.Find("ann@x.de"), nullptr);
  EXPECT_EQ(brevo.Find("ann@x.de")->id, contact);
  EXPECT_EQ(FirstName("ann@x.de"), "Anna");
  EXPECT_EQ(brevo.CountWrites(), 1);

  // Neither does losing it.
  clock.Advance(std::chrono::minutes(5));
  pipedrive.Put(1, "", "Annie").emails.clear();
  ForgetCalls();
  RunAll();
  EXPECT_EQ(FirstName("ann@x.de"), "Annie");
  EXPECT_EQ(brevo.contacts.size(), 3U);
}

TEST_F(PersonsRunTest, SwitchingContactsWithoutAddressOnReachesOldPersons) {
  pipedrive.Put(1, "", "Ann");
  EXPECT_EQ(RunAll().skipped.at(SkipReason::kNoEmail), 1);
  settings.contacts_without_email = true;
  EXPECT_EQ(RunAll().created, 1);
  settings.contacts_without_email = false;
  const RunProgress off = RunAll();
  EXPECT_EQ(off.unchanged, 1) << "what is there is kept in step";
  EXPECT_THAT(off.skipped, IsEmpty());
}

TEST_F(PersonsRunTest, AFilteredRunConcernsItsPersonsAlone) {
  Fill(4);
  RunOptions options;
  options.ids = {2, 3};
  const RunProgress progress = RunAll(options);
  EXPECT_THAT(pipedrive.calls, Contains("persons ids=2"));
  EXPECT_EQ(progress.created, 2);
  EXPECT_EQ(brevo.CountCalls("contacts"), 0);
  EXPECT_EQ(*store->GetWatermark(settings.connection, "persons.updated_since"), "");
}

TEST_F(PersonsRunTest, AListNobodySyncedIsInIsAWarning) {
  Fill(1);
  RunOptions options;
  options.list_id = kList;
  EXPECT_THAT(RunAll(options).warnings, Contains(::testing::HasSubstr("no synced person")));
  RunAll();
  ForgetCalls();
  EXPECT_EQ(RunAll(options).unchanged, 1);
  EXPECT_THAT(pipedrive.calls, Contains("persons ids=1"));
}

}  // namespace
}  // namespace connector::sync
