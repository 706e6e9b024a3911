#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sync/import_queue.h"
#include "sync/import_settler.h"
#include "unit/sync/converge_fixture.h"

namespace connector::sync {
namespace {

using connector::testing::FakeBrevo;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ImportTest : public ConvergeFixture {
 protected:
  void SetUp() override {
    pipedrive.Put(1, "ann@x.de", "Ann").phones = {{"030 1234567", "", true}};
    pipedrive.Put(2, "bob@x.de", "Bob");
  }

  // Everything dirty goes into the queue and out.
  absl::Status Send() {
    ImportQueue queue(*accounts, planning, *store, session->run().id);
    for (const PlannedContact& contact : Lease()) {
      if (RoadOf(planning, contact.plan) != Road::kImport) continue;
      CONNECTOR_RETURN_IF_ERROR(queue.Add(contact, {}));
    }
    return queue.Finish({});
  }
  absl::Status Settle() {
    ImportSettler settler(*accounts, *store, *tally, session->run().id);
    const absl::Status done = settler.Settle({});
    warnings = settler.TakeWarnings();
    return done;
  }
  std::vector<store::ImportJob> Jobs() { return *store->OpenImports(settings.connection); }
  int64_t OpenJob(const std::string& run, store::ImportState state, int64_t process = 0) {
    store::ImportJob job;
    job.run_id = run;
    job.list_id = kList;
    const int64_t id = *store->CreateImport(settings.connection, job);
    const std::vector<PlannedContact> planned = Lease();
    store::ImportRow row{.contact_key = planned.front().bundle.state.key,
                         .version = planned.front().bundle.version};
    row.write.email = planned.front().plan.email;
    EXPECT_TRUE(store->AppendImportRows(settings.connection, id, {row}).ok());
    using State = store::ImportState;
    if (state != State::kBuilding) {
      EXPECT_TRUE(store->MarkImport(settings.connection, id, State::kIntent, 0).ok());
    }
    if (state == State::kSent) {
      EXPECT_TRUE(store->MarkImport(settings.connection, id, State::kSent, process).ok());
    }
    return id;
  }

  std::vector<std::string> warnings;
};

TEST_F(ImportTest, RowsAreInTheStoreBeforeTheJobLeaves) {
  Ingest();
  brevo.on_call = [&](const std::string&) {
    const auto jobs = Jobs();
    EXPECT_EQ(jobs.size(), 1U);
    EXPECT_EQ(jobs.front().state, store::ImportState::kIntent);
    EXPECT_EQ(store->ImportRows(settings.connection, jobs.front().id, 0, 10)->size(), 2U);
    EXPECT_EQ(Dirty(), 0);
    return absl::OkStatus();
  };
  ASSERT_TRUE(Send().ok());
  brevo.on_call = nullptr;
  EXPECT_EQ(Jobs().front().state, store::ImportState::kSent);
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Jobs(), IsEmpty());
  EXPECT_EQ(progress().created, 2);
  EXPECT_EQ(Dirty(), 0);
}

TEST_F(ImportTest, ABodyIsNeverLargerThanBrevoTakes) {
  for (int i = 3; i <= 130; ++i) {
    pipedrive.Put(i, absl::StrCat("p", i, "@x.de"), std::string(100'000, 'n'));
  }
  Ingest();
  ASSERT_TRUE(Send().ok());
  EXPECT_EQ(brevo.import_bodies.size(), 2U);
  for (const std::string& body : brevo.import_bodies) {
    EXPECT_LE(body.size(), brevo::ImportBody::kMaxBytes);
  }
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(progress().created, 130);
}

TEST_F(ImportTest, AJobOfUnknownOutcomeGivesItsRowsBack) {
  Ingest();
  brevo.after_call = [](const std::string&) {
    return WithReaction(absl::UnknownError("broken off"), Reaction::kAmbiguous);
  };
  EXPECT_FALSE(Send().ok());
  EXPECT_THAT(Jobs(), IsEmpty());
  EXPECT_EQ(Dirty(), 2);
}

TEST_F(ImportTest, ADuplicateNumberSendsTheRestOfTheRowAgain) {
  Ingest();
  FakeBrevo::Set(brevo.Put("other@x.de"), "SMS", std::string("49301234567"));
  ASSERT_TRUE(Send().ok());
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Dirty(), 1);
  EXPECT_EQ(progress().failed.at(FailureReason::kDuplicatePhone), 1);
  const auto again = Lease();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_THAT(again.front().plan.write.attributes,
              ElementsAre(std::pair("FIRSTNAME", Value("Ann"))));
}

TEST_F(ImportTest, AnInvalidAddressIsAFailureAndNeverSentAgain) {
  Ingest();
  brevo.invalid_emails = {"bob@x.de"};
  ASSERT_TRUE(Send().ok());
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(progress().failed.at(FailureReason::kInvalidEmail), 1);
  EXPECT_EQ(Dirty(), 0);
  Ingest();  // marks everyone again
  for (const PlannedContact& contact : Lease()) {
    EXPECT_EQ(contact.plan.action == PlanAction::kSkip, contact.plan.email == "bob@x.de");
  }
}

// A contact that joins further lists has a row in each list's job, and is one contact all the same.
TEST_F(ImportTest, AContactInSeveralJobsCountsOnce) {
  brevo.Put("bob@x.de", {kList});
  Ingest();
  brevo.invalid_emails = {"cid@x.de"};
  pipedrive.Put(3, "cid@x.de");
  Ingest();
  std::vector<PlannedContact> planned = Lease();
  for (PlannedContact& contact : planned) contact.plan.write.join_lists.push_back(kList + 1);
  ImportQueue queue(*accounts, planning, *store, session->run().id);
  for (const PlannedContact& contact : planned) ASSERT_TRUE(queue.Add(contact, {}).ok());
  ASSERT_TRUE(queue.Finish({}).ok());
  EXPECT_EQ(queue.jobs_sent(), 2);
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(progress().created, 1);
  EXPECT_EQ(progress().updated, 1);
  EXPECT_EQ(progress().failed.at(FailureReason::kInvalidEmail), 1);
}

TEST_F(ImportTest, AFailedOrLostProcessGivesItsRowsBack) {
  for (const bool lost : {false, true}) {
    brevo.fails_imports = !lost;
    brevo.lists_processes = !lost;
    Ingest();
    ASSERT_TRUE(Send().ok());
    ASSERT_TRUE(Settle().ok());
    EXPECT_THAT(warnings, ElementsAre(HasSubstr("written again")));
    EXPECT_THAT(Jobs(), IsEmpty());
    EXPECT_EQ(Dirty(), 2);
    EXPECT_EQ(progress().created, 0);
  }
}

TEST_F(ImportTest, WhoIsOnlyCountedIsMissingAmongWhatChanged) {
  clock.Advance(std::chrono::hours(1));
  brevo.Put("other@x.de");
  clock.Advance(std::chrono::hours(1));
  pipedrive.Put(3, "cid@x.de");
  Ingest();
  // The number is free when the job is planned.
  brevo.on_call = [&](const std::string& call) {
    if (call.starts_with("import")) {
      FakeBrevo::Set(brevo.contacts[101], "SMS", std::string("49301234567"));
    }
    return absl::OkStatus();
  };
  brevo.invalid_emails = {"bob@x.de"};
  brevo.names_refused = false;
  ASSERT_TRUE(Send().ok());
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(warnings, IsEmpty());
  EXPECT_EQ(brevo.CountCalls("contacts since@"), 1);
  EXPECT_EQ(progress().created, 1);
  EXPECT_EQ(progress().failed.at(FailureReason::kInvalidEmail), 1);
  EXPECT_EQ(progress().failed.at(FailureReason::kDuplicatePhone), 1);
  const auto again = Lease();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again.front().plan.email, "ann@x.de");
  EXPECT_THAT(again.front().plan.write.attributes,
              ElementsAre(std::pair("FIRSTNAME", Value("Ann"))));
}

TEST_F(ImportTest, CountsThatDoNotFitWhatIsMissingAreAWarning) {
  Ingest();
  brevo.invalid_emails = {"bob@x.de"};
  brevo.names_refused = false;
  brevo.shows_changes = false;
  ASSERT_TRUE(Send().ok());
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(warnings, Contains(HasSubstr("counts 1 rows")));
  EXPECT_EQ(progress().created, 2) << "two are missing and one is counted: nobody is accused";
}

// More than twenty thousand changed contacts are not read for the sake of a few.
TEST_F(ImportTest, CountsAmongVeryManyChangesAreAWarning) {
  Ingest();
  brevo.invalid_emails = {"bob@x.de"};
  brevo.names_refused = false;
  for (int i = 0; i <= 20'000; ++i) brevo.Put(absl::StrCat("c", i, "@x.de"));
  ASSERT_TRUE(Send().ok());
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(warnings, Contains(HasSubstr("counts 1 rows")));
  EXPECT_EQ(brevo.CountCalls("contacts since@"), 1);
}

TEST_F(ImportTest, PollsFurtherAndFurtherApartAndStopsAfterAnHour) {
  Ingest();
  brevo.polls_until_done = 1'000'000;
  ASSERT_TRUE(Send().ok());
  const Time before = clock.Now();
  EXPECT_EQ(Settle().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_LE(brevo.CountCalls("processes"), 60);
  EXPECT_GE(clock.Now() - before, std::chrono::hours(1));
  EXPECT_EQ(Jobs().size(), 1U);
}

TEST_F(ImportTest, ACrashGivesBackWhatMayNotHaveLeft) {
  for (const auto state : {store::ImportState::kBuilding, store::ImportState::kIntent}) {
    Ingest();
    OpenJob(session->run().id, state);
    ImportSettler settler(*accounts, *store, *tally, session->run().id);
    ASSERT_TRUE(settler.Recover().ok());
    EXPECT_THAT(Jobs(), IsEmpty());
    EXPECT_EQ(Dirty(), 2);
    clock.Advance(std::chrono::minutes(2));
  }
}

TEST_F(ImportTest, AJobThatLeftIsAskedForAfterACrash) {
  Ingest();
  OpenJob(session->run().id, store::ImportState::kSent, 77);
  ImportSettler settler(*accounts, *store, *tally, session->run().id);
  ASSERT_TRUE(settler.Recover().ok());
  EXPECT_EQ(Jobs().size(), 1U);
}

TEST_F(ImportTest, LeavesTheJobsOfAnotherUnfinishedRunAlone) {
  connector::Run other{.id = "other", .connection = settings.connection, .kind = RunKind::kDeals};
  ASSERT_TRUE(store->SubmitRun(other).ok());
  session = nullptr;
  connector::Run ours{.id = "ours", .connection = settings.connection};
  session = TakeRun();
  ASSERT_TRUE(store->SubmitRun(ours).ok());
  session = TakeRun();
  ASSERT_EQ(session->run().id, "ours");
  Ingest();
  const int64_t job = OpenJob("other", store::ImportState::kBuilding);
  ImportSettler settler(*accounts, *store, *tally, session->run().id);
  ASSERT_TRUE(settler.Recover().ok());
  ASSERT_TRUE(settler.Settle({}).ok());
  EXPECT_THAT(brevo.calls, IsEmpty());
  ASSERT_EQ(Jobs().size(), 1U);
  EXPECT_EQ(Jobs().front().id, job);
}

}  // namespace
}  // namespace connector::sync
