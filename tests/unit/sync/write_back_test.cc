// Changes made in Brevo on their way into Pipedrive.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sync_fixture.h"

namespace connector::sync {
namespace {

using connector::testing::FakeBrevo;
using connector::testing::SyncFixture;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class WriteBackTest : public SyncFixture {
 protected:
  WriteBackTest() {
    settings.person_mapping = {Rule("email", "email"), Rule("first_name", "FIRSTNAME"),
                               Rule("last_name", "LASTNAME"), Rule("phone", "SMS")};
  }

  // Ann, whom both sides agree on.
  void SetUp() override {
    Person& ann = pipedrive.Put(1, "ann@x.de");
    ann.last_name = "Lee";
    ann.phones = {{"030 1234567", "work", true}, {"030 7654321", "home", false}};
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
  Contact& Ann() { return *brevo.Find("ann@x.de"); }
  void EditInBrevo(const std::string& attribute, const Value& value) {
    clock.Advance(std::chrono::seconds(5));
    FakeBrevo::Set(Ann(), attribute, value);
    Ann().modified_at = clock.Now();
  }
  void EditInPipedrive(const std::string& first_name) {
    clock.Advance(std::chrono::seconds(5));
    pipedrive.persons[1].first_name = first_name;
    pipedrive.persons[1].update_time = clock.Now();
  }
  // Nothing is left to be done.
  void ExpectQuiet() {
    Forget();
    RunAll(Full());
    RunAll();
    EXPECT_THAT(person_writes.calls, IsEmpty());
    EXPECT_EQ(brevo.CountWrites(), 0);
  }
};

TEST_F(WriteBackTest, AChangeInBrevoReachesThePersonInOneCall) {
  EditInBrevo("FIRSTNAME", std::string("Anne"));
  EditInBrevo("SMS", std::string("49309998887"));
  const RunProgress progress = RunAll(Full());
  EXPECT_THAT(person_writes.calls, ElementsAre("update 1"));
  EXPECT_EQ(pipedrive.persons[1].first_name, "Anne");
  EXPECT_EQ(pipedrive.persons[1].last_name, "Lee");
  EXPECT_THAT(pipedrive.persons[1].phones, ElementsAre(ContactPoint{"+49309998887", "work", true},
                                                       ContactPoint{"030 7654321", "home", false}));
  EXPECT_EQ(brevo.CountWrites(), 0);
  EXPECT_EQ(progress.persons_updated, 1);
  EXPECT_EQ(progress.updated, 1);
  ExpectQuiet();
}

TEST_F(WriteBackTest, DifferentFieldsOfBothSidesFlowBothWays) {
  EditInBrevo("LASTNAME", std::string("Leigh"));
  EditInPipedrive("Anna");
  RunAll(Full());
  EXPECT_THAT(person_writes.calls, ElementsAre("update 1"));
  EXPECT_EQ(pipedrive.persons[1].first_name, "Anna");
  EXPECT_EQ(pipedrive.persons[1].last_name, "Leigh");
  EXPECT_EQ(FirstName("ann@x.de"), "Anna");
  ExpectQuiet();
}

TEST_F(WriteBackTest, PipedriveWinsAConflictByDefault) {
  EditInBrevo("FIRSTNAME", std::string("Brevo"));
  EditInPipedrive("Pipedrive");
  RunAll(Full());
  EXPECT_THAT(person_writes.calls, IsEmpty());
  EXPECT_EQ(FirstName("ann@x.de"), "Pipedrive");
  ExpectQuiet();
}

TEST_F(WriteBackTest, BrevoWinsAConflictWhereTheFieldSaysSo) {
  settings.person_mapping[1].on_conflict = mapping::ConflictPolicy::kBrevoWins;
  EditInPipedrive("Pipedrive");
  EditInBrevo("FIRSTNAME", std::string("Brevo"));
  RunAll(Full());
  EXPECT_EQ(pipedrive.persons[1].first_name, "Brevo");
  EXPECT_EQ(FirstName("ann@x.de"), "Brevo");
  ExpectQuiet();
}

TEST_F(WriteBackTest, TheLatestEditWinsWhereTheFieldSaysSo) {
  settings.person_mapping[1].on_conflict = mapping::ConflictPolicy::kLatestWins;
  EditInPipedrive("Early");
  EditInBrevo("FIRSTNAME", std::string("Late"));
  RunAll(Full());
  EXPECT_EQ(pipedrive.persons[1].first_name, "Late");
  ExpectQuiet();
  EditInBrevo("FIRSTNAME", std::string("Early"));
  EditInPipedrive("Latest");
  RunAll(Full());
  EXPECT_EQ(FirstName("ann@x.de"), "Latest");
}

TEST_F(WriteBackTest, OneWayFieldsDoNotFlowBack) {
  settings.person_mapping[1].direction = mapping::Direction::kToBrevo;
  EditInBrevo("FIRSTNAME", std::string("Brevo"));
  RunAll(Full());
  EXPECT_THAT(person_writes.calls, IsEmpty());
  EXPECT_EQ(FirstName("ann@x.de"), "Ann");
}

TEST_F(WriteBackTest, ANewAddressMovesThePersonAndKeepsItsOthers) {
  pipedrive.persons[1].emails.push_back({"home@x.de", "home", false});
  clock.Advance(std::chrono::seconds(5));
  Ann().email = "anne@x.de";
  RunAll(Full());
  EXPECT_THAT(pipedrive.persons[1].emails, ElementsAre(ContactPoint{"anne@x.de", "work", true},
                                                       ContactPoint{"home@x.de", "home", false}));
  EXPECT_THAT(brevo.contacts, SizeIs(1));
  ExpectQuiet();
}

TEST_F(WriteBackTest, AnEditThatIsOnItsWayFromPipedriveIsNotOverwritten) {
  EditInBrevo("LASTNAME", std::string("Leigh"));
  // Made after the run has read its page of persons.
  pipedrive.on_call = [this](const std::string& call) {
    if (call.starts_with("persons ids")) {
      pipedrive.persons[1].first_name = "Newer";
      pipedrive.persons[1].update_time = clock.Now() + std::chrono::seconds(1);
    }
    return absl::OkStatus();
  };
  RunAll(Full());
  EXPECT_EQ(pipedrive.persons[1].first_name, "Newer");
  EXPECT_EQ(pipedrive.persons[1].last_name, "Leigh");
  EXPECT_EQ(FirstName("ann@x.de"), "Newer");
}

TEST_F(WriteBackTest, ARefusedFieldFailsOnlyItself) {
  EditInBrevo("FIRSTNAME", std::string("Anne"));
  EditInBrevo("SMS", std::string("49309998887"));
  person_writes.on_call = [this](const std::string&) {
    if (person_writes.calls.size() > 1) return absl::OkStatus();
    return WithField(WithReaction(absl::InvalidArgumentError("no"), Reaction::kFailRecord),
                     "phones");
  };
  const RunProgress progress = RunAll(Full());
  EXPECT_THAT(person_writes.calls, ElementsAre("update 1", "update 1"));
  EXPECT_EQ(pipedrive.persons[1].first_name, "Anne");
  EXPECT_EQ(pipedrive.persons[1].phones[0].value, "030 1234567");
  EXPECT_EQ(progress.failed.at(FailureReason::kInvalidValue), 1);
  EXPECT_EQ(Failures(last_run).at(0).field, "SMS");
  EXPECT_EQ(Sms("ann@x.de"), "49309998887") << "it is not taken back from Brevo either";
}

TEST_F(WriteBackTest, AValueThatPipedriveSilentlyKeepsIsReportedOnceAndDoesNotFlowBack) {
  EditInBrevo("SMS", std::string("49309998887"));
  person_writes.keep_phones = true;
  EXPECT_EQ(RunAll(Full()).failed.at(FailureReason::kInvalidValue), 1);
  EXPECT_EQ(Sms("ann@x.de"), "49309998887");
  ExpectQuiet();
}

TEST_F(WriteBackTest, AWriteThatFailsForAWhileIsMadeLater) {
  EditInBrevo("FIRSTNAME", std::string("Anne"));
  person_writes.on_call = [](const std::string&) {
    return WithReaction(absl::UnavailableError("down"), Reaction::kRetry);
  };
  RunAll(Full());
  EXPECT_EQ(pipedrive.persons[1].first_name, "Ann");
  EXPECT_EQ(FirstName("ann@x.de"), "Anne");
  person_writes.on_call = nullptr;
  clock.Advance(std::chrono::minutes(2));
  RunAll();
  EXPECT_EQ(pipedrive.persons[1].first_name, "Anne");
  ExpectQuiet();
}

TEST_F(WriteBackTest, APersonThatIsGoneIsReportedAndCostsNothingElse) {
  EditInBrevo("FIRSTNAME", std::string("Anne"));
  pipedrive.Put(2, "bob@x.de", "Bob");
  person_writes.on_call = [](const std::string&) {
    return WithReaction(absl::NotFoundError("gone"), Reaction::kGone);
  };
  const RunProgress progress = RunAll(Full());
  EXPECT_EQ(progress.failed.at(FailureReason::kNotFound), 1);
  EXPECT_EQ(FirstName("bob@x.de"), "Bob");
}

TEST_F(WriteBackTest, ADryRunShowsWhatWouldBeWrittenToPipedriveAndWhatItCosts) {
  EditInBrevo("FIRSTNAME", std::string("Anne"));
  RunOptions dry = Full();
  dry.dry_run = true;
  const RunProgress progress = RunAll(dry);
  EXPECT_THAT(person_writes.calls, IsEmpty());
  EXPECT_EQ(progress.planned.person_writes, 1);
  EXPECT_EQ(progress.planned.pipedrive_tokens, 5);
  EXPECT_EQ(progress.persons_updated, 1);
  const auto plan = store->ReadPlan(settings.connection, last_run, 0, 10);
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_THAT(plan->changes, SizeIs(1));
  ASSERT_THAT(plan->changes[0].fields, SizeIs(1));
  const PlannedChange::Field& field = plan->changes[0].fields[0];
  EXPECT_TRUE(field.to_pipedrive);
  EXPECT_EQ(field.before, "Ann");
  EXPECT_EQ(field.after, "Anne");
  RunAll(Full());
  EXPECT_EQ(pipedrive.persons[1].first_name, "Anne") << "a dry run has settled nothing";
}

TEST_F(WriteBackTest, KilledBetweenTheTwoWritesLosesAndDoublesNothing) {
  EditInBrevo("LASTNAME", std::string("Leigh"));
  EditInPipedrive("Anna");
  bool down = true;
  brevo.on_call = [&down](const std::string& call) {
    const bool write = call.starts_with("update") || call.starts_with("import");
    return down && write ? absl::InternalError("killed") : absl::OkStatus();
  };
  const auto session = StartRun(Full());
  EXPECT_FALSE(RunPersons(MakeAccounts(), *session).ok());
  End(*session, RunState::kFailed);
  EXPECT_THAT(person_writes.calls, ElementsAre("update 1"));
  down = false;
  clock.Advance(std::chrono::minutes(2));
  RunAll();
  EXPECT_THAT(person_writes.calls, ElementsAre("update 1"));
  EXPECT_EQ(FirstName("ann@x.de"), "Anna");
  EXPECT_EQ(pipedrive.persons[1].last_name, "Leigh");
  ExpectQuiet();
}

}  // namespace
}  // namespace connector::sync
