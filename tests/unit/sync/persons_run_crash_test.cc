// Runs that are cut off at some call and taken over, with the store's file all that is left.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>

#include "support/sync_fixture.h"

namespace connector::sync {
namespace {

using connector::testing::FakeBrevo;
using ::testing::IsEmpty;

class PersonsRunCrashTest : public connector::testing::SyncFixture {
 protected:
  static constexpr int kPersons = 8;

  void SetUp() override {
    std::string path = (std::filesystem::temp_directory_path() / "persons-run-XXXXXX").string();
    ASSERT_NE(::mkdtemp(path.data()), nullptr);
    directory_ = path;
    Reset(/*in_file=*/false);
  }
  void TearDown() override {
    store.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  // Both accounts and the store as they were in the beginning.
  void Reset(bool in_file) {
    path_ = in_file ? (directory_ / absl::StrCat("store", ++stores_, ".db")).string() : "";
    Open(in_file ? path_ : ":memory:");
    pipedrive.persons.clear();
    pipedrive.page_size = 3;
    brevo.Reset();
    brevo.page_size = 2;
    ForgetCalls();
    for (int i = 1; i <= kPersons; ++i) {
      Person& person = pipedrive.Put(i, absl::StrCat("p", i, "@x.de"), absl::StrCat("Name", i));
      person.phones = {{absl::StrCat("030 123456", i), "", true}};
    }
    pipedrive.persons[6].phones = pipedrive.persons[5].phones;
    pipedrive.persons[1].org_id = 9;
    pipedrive.organizations[9] = {.id = 9, .name = "Acme"};
    for (int i = 1; i <= 3; ++i) brevo.Put(absl::StrCat("p", i, "@x.de"), {kList});
    brevo.Put("p4@x.de", {kList}).email_blacklisted = true;
  }

  // The process dies before (or after) its `at`-th call to either account; another takes over.
  void RunWithCrash(int at, bool after) {
    std::atomic<int> calls = 0;  // to both accounts at once
    const auto die = [&](const std::string&) -> absl::Status {
      return ++calls == at ? absl::AbortedError("killed") : absl::OkStatus();
    };
    pipedrive.on_call = die;
    if (!after) brevo.on_call = die;
    if (after) brevo.after_call = die;
    auto session = StartRun(Full());
    const absl::Status done = RunPersons(MakeAccounts(), *session);
    pipedrive.on_call = brevo.on_call = brevo.after_call = nullptr;
    if (!done.ok()) {
      session.reset();
      if (!path_.empty()) Open(path_);
      clock.Advance(2 * kLease);
      session = TakeRun();
      const absl::Status resumed = RunPersons(MakeAccounts(), *session);
      ASSERT_TRUE(resumed.ok()) << resumed;
    }
    End(*session, RunState::kSucceeded);
    warnings_ = session->progress().warnings;
    finished_unharmed_ = done.ok();
  }

  std::vector<std::string> Outcome() const {
    std::vector<std::string> lines;
    for (const auto& [id, contact] : brevo.contacts) {
      std::string line = absl::StrCat(contact.email, " ", contact.ext_id, " ",
                                      contact.list_ids.size(), contact.email_blacklisted);
      for (const auto& [name, value] : contact.attributes) {
        absl::StrAppend(&line, " ", name, "=", ToText(value));
      }
      lines.push_back(line);
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }

  std::filesystem::path directory_;
  std::string path_;
  std::vector<std::string> warnings_;
  bool finished_unharmed_ = false;
  int stores_ = 0;
};

TEST_F(PersonsRunCrashTest, EveryCrashEndsInTheSameContactsFetchingAgainOnlyWhatWasInFlight) {
  for (const bool after : {false, true}) {
    for (const int threshold : {3, 100}) {
      settings.import_threshold = threshold;
      // A file outlives the process for sure; what memory keeps is the same, and faster.
      const bool in_file = !after && threshold == 3;
      Reset(in_file);
      RunWithCrash(0, after);
      const std::vector<std::string> wanted = Outcome();
      ASSERT_EQ(wanted.size(), static_cast<size_t>(kPersons));
      finished_unharmed_ = false;
      for (int at = 1; !finished_unharmed_; ++at) {
        SCOPED_TRACE(absl::StrCat("threshold ", threshold, ", crash at call ", at,
                                  after ? ", after a write" : ""));
        Reset(in_file);
        RunWithCrash(at, after);
        ASSERT_FALSE(HasFatalFailure());
        EXPECT_EQ(Outcome(), wanted);
        EXPECT_THAT(warnings_, IsEmpty());
        // Of each walk the page in flight alone is fetched again.
        for (const auto* calls : {&pipedrive.calls, &brevo.calls}) {
          std::vector<std::string> pages;
          std::copy_if(calls->begin(), calls->end(), std::back_inserter(pages),
                       [](const std::string& call) {
                         return call.starts_with("persons") || call.starts_with("organizations") ||
                                call.starts_with("contacts");
                       });
          std::sort(pages.begin(), pages.end());
          EXPECT_LE(pages.end() - std::unique(pages.begin(), pages.end()), 1);
        }
        ForgetCalls();
        RunAll(Full());
        EXPECT_EQ(brevo.CountWrites(), 0);
        EXPECT_EQ(Outcome(), wanted);
      }
    }
  }
}

TEST_F(PersonsRunCrashTest, ADryRunThatWasCutOffShowsEachChangeOnce) {
  RunOptions dry;
  dry.dry_run = true;
  auto session = StartRun(dry);
  pipedrive.on_call = [](const std::string& call) {
    return call == "persons@6" ? absl::AbortedError("killed") : absl::OkStatus();
  };
  EXPECT_FALSE(RunPersons(MakeAccounts(), *session).ok());
  pipedrive.on_call = nullptr;
  clock.Advance(2 * kLease);
  session = TakeRun();
  ASSERT_TRUE(RunPersons(MakeAccounts(), *session).ok());
  EXPECT_EQ(session->progress().read, kPersons);
  EXPECT_EQ(session->progress().created, 4);
  EXPECT_EQ(store->ReadPlan(settings.connection, session->run().id, 0, 100)->changes.size(),
            static_cast<size_t>(kPersons));
}

TEST_F(PersonsRunCrashTest, ADryRunThatWasDoneAllButItsEndShowsEachChangeOnce) {
  RunOptions dry;
  dry.dry_run = true;
  auto session = StartRun(dry);
  ASSERT_TRUE(RunPersons(MakeAccounts(), *session).ok());
  clock.Advance(2 * kLease);
  session = TakeRun();
  ASSERT_TRUE(RunPersons(MakeAccounts(), *session).ok());
  EXPECT_EQ(session->progress().read, kPersons);
  EXPECT_EQ(session->progress().created, 4);
  EXPECT_EQ(store->ReadPlan(settings.connection, session->run().id, 0, 100)->changes.size(),
            static_cast<size_t>(kPersons));
}

TEST_F(PersonsRunCrashTest, ContactsOfItsOwnImportsAreNotTakenForVanished) {
  settings.import_threshold = 3;
  auto session = StartRun(Full());
  // The run ends with an error after its import was settled: a row came back, and its second
  // import meets a dead network.
  brevo.on_call = [&](const std::string& call) {
    if (!call.starts_with("import ") && !call.starts_with("create ")) return absl::OkStatus();
    if (brevo.import_bodies.empty()) {
      FakeBrevo::Set(brevo.Put("late@x.de"), "SMS", std::string("49301234568"));
      return absl::OkStatus();
    }
    return absl::AbortedError("killed");
  };
  EXPECT_FALSE(RunPersons(MakeAccounts(), *session).ok());
  brevo.on_call = nullptr;
  EXPECT_EQ(Sms("p7@x.de"), "49301234567");
  EXPECT_EQ(brevo.Find("p8@x.de"), nullptr);
  clock.Advance(2 * kLease);
  session = TakeRun();
  const int64_t writes = brevo.CountWrites();
  ASSERT_TRUE(RunPersons(MakeAccounts(), *session).ok());
  EXPECT_EQ(brevo.CountWrites(), writes + 1);
  EXPECT_EQ(FirstName("p8@x.de"), "Name8");
  EXPECT_EQ(Sms("p8@x.de"), "");
  EXPECT_THAT(session->progress().warnings, IsEmpty());
  EXPECT_EQ(session->progress().created, 4);
}

}  // namespace
}  // namespace connector::sync
