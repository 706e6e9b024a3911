#include "sync/sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "support/sync_fixture.h"

namespace connector::sync {
namespace {

using ::testing::Contains;
using ::testing::Not;
using ::testing::StartsWith;

TEST(MostSweptTest, IsOneInAHundredWithinLimits) {
  const std::pair<int64_t, int64_t> cases[] = {{0, 5},        {1, 5},          {499, 5},
                                               {600, 6},      {5000, 50},      {10'000, 100},
                                               {10'100, 100}, {1'000'000, 100}};
  for (const auto& [known, most] : cases) EXPECT_EQ(MostSwept(known), most) << known;
}

class SweepTest : public connector::testing::SyncFixture {
 protected:
  static constexpr int64_t kPersons = 40;

  SweepTest() {
    settings.removal.on_delete = OnDelete::kDelete;
    clock.Advance(std::chrono::hours(24 * 365));
    for (int64_t id = 1; id <= kPersons; ++id) pipedrive.Put(id, Email(id));
    RunAll();
    RunAll(Full());  // Brevo's numbers are known
    clock.Advance(std::chrono::hours(1));
    ForgetCalls();
  }

  static std::string Email(int64_t id) { return absl::StrCat("p", id, "@x.de"); }
  // Without a webhook, and gone from every list, as a person deleted long ago is.
  void Vanish(int64_t first, int64_t last) {
    for (int64_t id = first; id <= last; ++id) pipedrive.persons.erase(id);
  }
  void VanishInBrevo(int64_t first, int64_t last) {
    for (int64_t id = first; id <= last; ++id) brevo.contacts.erase(brevo.Find(Email(id))->id);
  }
  bool IsThere(int64_t id) { return brevo.Find(Email(id)) != nullptr; }
  static bool Warned(const RunProgress& progress, const std::string& text) {
    for (const std::string& warning : progress.warnings) {
      if (warning.find(text) != std::string::npos) return true;
    }
    return false;
  }
  static RunOptions Confirmed() {
    RunOptions options = Full();
    options.confirm_sweep = true;
    return options;
  }
};

TEST_F(SweepTest, APersonWhoseDeletionWasLostIsTakenForDeleted) {
  Vanish(3, 4);
  const RunProgress progress = RunAll(Full());
  EXPECT_FALSE(IsThere(3));
  EXPECT_FALSE(IsThere(4));
  EXPECT_TRUE(IsThere(5));
  EXPECT_THAT(pipedrive.calls, Contains("persons ids=1")) << "looked up first";
  EXPECT_TRUE(Warned(progress, "2 persons"));
  ForgetCalls();
  EXPECT_FALSE(Warned(RunAll(Full()), "persons that")) << "once is enough";
  EXPECT_THAT(pipedrive.calls, Not(Contains(StartsWith("persons ids"))));
}

TEST_F(SweepTest, ByDefaultTheContactStays) {
  settings.removal.on_delete = OnDelete::kKeep;
  Vanish(3, 3);
  RunAll(Full());
  EXPECT_TRUE(IsThere(3));
  EXPECT_TRUE((*store->FindPerson(settings.connection, 3))->person.is_deleted);
  EXPECT_EQ(brevo.CountWrites(), 0);
}

TEST_F(SweepTest, OtherRunsSweepNothing) {
  Vanish(3, 3);
  VanishInBrevo(7, 7);
  RunAll();
  RunOptions some;
  some.ids = {1, 2, 3};
  RunAll(some);
  RunOptions filtered = Full();
  filtered.filter_id = 9;
  RunAll(filtered);
  EXPECT_TRUE(IsThere(3));
  EXPECT_FALSE((*store->FindPerson(settings.connection, 3))->person.is_deleted);
}

TEST_F(SweepTest, ADryRunSaysWhatItWouldDoAndDoesNothing) {
  Vanish(3, 3);
  RunOptions dry = Full();
  dry.dry_run = true;
  EXPECT_TRUE(Warned(RunAll(dry), "1 persons"));
  const auto plan = store->ReadPlan(settings.connection, last_run, 0, 100);
  ASSERT_TRUE(plan.ok());
  bool shown = false;
  for (const PlannedChange& change : plan->changes) {
    shown |= change.person_id == 3 && change.action == PlannedChange::Action::kDelete;
  }
  EXPECT_TRUE(shown);
  EXPECT_TRUE(IsThere(3));
  EXPECT_FALSE((*store->FindPerson(settings.connection, 3))->person.is_deleted);
}

TEST_F(SweepTest, TooManyAreAQuestionUntilSomebodyConfirms) {
  Vanish(11, 20);
  const RunProgress asked = RunAll(Full());
  EXPECT_TRUE(Warned(asked, "did not show 10 of 40 known persons"));
  EXPECT_TRUE(Warned(asked, "--confirm-sweep"));
  EXPECT_EQ(asked.failed.at(FailureReason::kAmbiguous), 1);
  EXPECT_EQ(Failures(last_run).front().entity, "sweep");
  for (int64_t id = 11; id <= 20; ++id) EXPECT_TRUE(IsThere(id)) << id;
  const RunProgress confirmed = RunAll(Confirmed());
  EXPECT_TRUE(Warned(confirmed, "10 persons"));
  for (int64_t id = 11; id <= 20; ++id) EXPECT_FALSE(IsThere(id)) << id;
  EXPECT_TRUE(IsThere(21));
}

TEST_F(SweepTest, AnEmptyListIsAQuestionAndNoLookIsSpentOnIt) {
  Vanish(1, kPersons);
  EXPECT_EQ(MostSwept(kPersons), 5);
  for (int64_t id = 100; id < 120; ++id) pipedrive.Put(id, Email(id));
  RunAll();
  Vanish(100, 120);
  ForgetCalls();
  EXPECT_TRUE(Warned(RunAll(Full()), "none was looked up"));
  EXPECT_THAT(pipedrive.calls, Not(Contains(StartsWith("persons ids"))));
  EXPECT_TRUE(IsThere(1));
}

TEST_F(SweepTest, WhoIsThereAfterAllStays) {
  // Nobody lists them, but who asks for them by id gets them: as if made behind the walk's back.
  pipedrive.hidden = {3, 4};
  RunAll(Full());
  EXPECT_THAT(pipedrive.calls, Contains(StartsWith("persons ids")));
  EXPECT_TRUE(IsThere(3));
  EXPECT_FALSE((*store->FindPerson(settings.connection, 3))->person.is_deleted);
}

TEST_F(SweepTest, APersonThatCannotBeReadIsThere) {
  pipedrive.malformed = {3};
  RunAll(Full());
  EXPECT_TRUE(IsThere(3));
  EXPECT_THAT(pipedrive.calls, Not(Contains(StartsWith("persons ids"))));
}

TEST_F(SweepTest, AContactWhoseDeletionWasLostIsMadeAgainWhenItsPersonChanges) {
  VanishInBrevo(7, 7);
  EXPECT_TRUE(Warned(RunAll(Full()), "1 contacts"));
  EXPECT_FALSE(IsThere(7)) << "who deletes a contact means it";
  RunAll(Full());
  EXPECT_FALSE(IsThere(7));
  clock.Advance(std::chrono::minutes(5));
  pipedrive.Put(7, Email(7), "Changed");
  RunAll();
  EXPECT_TRUE(IsThere(7));
}

TEST_F(SweepTest, TooManyContactsAreAQuestion) {
  VanishInBrevo(1, 20);
  const RunProgress asked = RunAll(Full());
  EXPECT_TRUE(Warned(asked, "Brevo did not show 20 of 40 known contacts"));
  EXPECT_TRUE(Warned(RunAll(Confirmed()), "20 contacts"));
}

TEST_F(SweepTest, AFailedLookEndsTheRunAndTakesNothing) {
  Vanish(3, 3);
  pipedrive.on_call = [](const std::string& call) {
    return call == "persons ids=1" ? absl::UnavailableError("down") : absl::OkStatus();
  };
  const auto session = StartRun(Full());
  const Accounts accounts = MakeAccounts();
  EXPECT_FALSE(RunPersons(accounts, *session).ok());
  End(*session, RunState::kFailed);
  EXPECT_TRUE(IsThere(3));
  EXPECT_FALSE((*store->FindPerson(settings.connection, 3))->person.is_deleted);
}

}  // namespace
}  // namespace connector::sync
