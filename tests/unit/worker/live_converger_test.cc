#include "worker/live_converger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "support/sync_fixture.h"

namespace connector::worker {
namespace {

class LiveConvergerTest : public connector::testing::SyncFixture {
 protected:
  // Ten persons that both sides agree on.
  void SetUp() override {
    settings.import_threshold = 5;
    for (int64_t id = 1; id <= 10; ++id) {
      pipedrive.Put(id, absl::StrCat("p", id, "@x.io"), absl::StrCat("Name", id));
    }
    RunAll(Full());
    accounts.emplace(MakeAccounts());
    plannings.emplace(*accounts);
    ForgetCalls();
  }
  void TearDown() override {
    if (live) live->Stop();
  }

  // A change that reached the local table, as an event leaves it behind.
  void Change(int64_t first, int64_t last, store::Urgency urgency) {
    const auto session = StartRun();
    std::vector<store::PersonRow> rows;
    for (int64_t id = first; id <= last; ++id) {
      Person& person = pipedrive.persons.at(id);
      person.first_name = absl::StrCat("New", id);
      person.update_time = clock.Now() + std::chrono::hours(1);
      rows.push_back({person, person.emails.front().value, absl::StrCat("pd-1-", id)});
    }
    ASSERT_TRUE(
        store->FinishPersonsPage(session->Update(), {}, rows, Existence::kPresent, false).ok());
    End(*session, RunState::kCancelled);
    std::vector<int64_t> keys;
    for (const store::PersonRow& row : rows) {
      const auto contact =
          store->FindContact(settings.connection, {Identifier::Kind::kEmail, row.email});
      keys.push_back((*contact)->key);
    }
    ASSERT_TRUE(store->MarkContacts(settings.connection, keys, urgency).ok());
  }

  void Start(int prompt_threads) {
    live.emplace(LiveConverger::Options{.owner = "me", .prompt_threads = prompt_threads}, *accounts,
                 *plannings);
    live->Start();
  }
  // Until nothing is marked any more; the test's time limit is the deadline.
  void AwaitClean() {
    while (store->GetQueueDepth(settings.connection)->dirty_contacts > 0 ||
           !store->OpenImports(settings.connection)->empty()) {
      live->Wake();
      std::this_thread::yield();
    }
  }

  std::optional<sync::Accounts> accounts;
  std::optional<sync::PlanningCache> plannings;
  std::optional<LiveConverger> live;
};

TEST_F(LiveConvergerTest, WritesAPromptChangeByItself) {
  Change(3, 3, store::Urgency::kPrompt);
  Start(1);
  AwaitClean();
  live->Stop();
  EXPECT_EQ(FirstName("p3@x.io"), "New3");
  EXPECT_EQ(brevo.calls.size(), 1U) << ::testing::PrintToString(brevo.calls);
}

TEST_F(LiveConvergerTest, ImportsABulkChange) {
  Change(1, 8, store::Urgency::kBulk);
  Start(0);
  AwaitClean();
  live->Stop();
  for (int64_t id = 1; id <= 8; ++id) {
    EXPECT_EQ(FirstName(absl::StrCat("p", id, "@x.io")), absl::StrCat("New", id));
  }
  EXPECT_EQ(brevo.CountCalls("import"), 1) << ::testing::PrintToString(brevo.calls);
}

TEST_F(LiveConvergerTest, ImportsPromptChangesThatHaveBecomeTooMany) {
  Change(1, 9, store::Urgency::kPrompt);
  Start(0);
  AwaitClean();
  live->Stop();
  EXPECT_EQ(FirstName("p9@x.io"), "New9");
  EXPECT_EQ(brevo.CountCalls("import"), 1) << ::testing::PrintToString(brevo.calls);
}

TEST_F(LiveConvergerTest, LeavesAloneWhatACancelledRunLeftBehind) {
  const auto session = StartRun();
  Person& person = pipedrive.persons.at(1);
  person.first_name = "Unwanted";
  person.update_time = clock.Now() + std::chrono::hours(1);
  ASSERT_TRUE(store
                  ->FinishPersonsPage(session->Update(), {}, {{person, "p1@x.io", "pd-1-1"}},
                                      Existence::kPresent, false)
                  .ok());
  End(*session, RunState::kCancelled);
  Change(2, 2, store::Urgency::kPrompt);
  Start(1);
  while (store->CountLiveMarks(settings.connection, clock.Now())->prompt > 0) {
    live->Wake();
    std::this_thread::yield();
  }
  live->Stop();
  EXPECT_EQ(FirstName("p2@x.io"), "New2");
  EXPECT_EQ(FirstName("p1@x.io"), "Name1");
}

TEST_F(LiveConvergerTest, SettlesAnImportThatAnEarlierProcessSent) {
  Change(1, 8, store::Urgency::kBulk);
  brevo.polls_until_done = 1'000'000;
  Start(0);
  while (store->OpenImports(settings.connection)->empty()) std::this_thread::yield();
  live->Stop();
  brevo.polls_until_done = 0;
  Start(0);
  AwaitClean();
  live->Stop();
  EXPECT_TRUE(store->OpenImports(settings.connection)->empty());
  EXPECT_EQ(FirstName("p8@x.io"), "New8");
}

}  // namespace
}  // namespace connector::worker
