// What is PostgreSQL's alone; what every store must do is in tests/contract.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <set>
#include <thread>

#include "base/status.h"
#include "store/postgres_handle.h"
#include "store/sql_ledger.h"
#include "store/sql_store.h"
#include "support/postgres_server.h"

namespace connector::store {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kMain[] = "main";

class PostgresStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto server = connector::testing::PostgresServer::Shared();
    ASSERT_TRUE(server.ok()) << server.status();
    auto url = (*server)->NewSchema();
    ASSERT_TRUE(url.ok()) << url.status();
    url_ = *std::move(url);
  }

  std::unique_ptr<Store> Open() {
    auto store = MakePostgresStore({.url = url_}, clock_);
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }
  void Script(const std::string& sql) {
    PostgresHandle db(url_);
    ASSERT_TRUE(db.Connect().ok());
    const absl::Status done = db.Script(sql);
    ASSERT_TRUE(done.ok()) << done;
  }
  // Ends the sessions of this test's stores, as a restart of the server does.
  void EndSessions() {
    Script(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
        "application_name = current_setting('application_name')");
  }
  static absl::StatusOr<Appended> Append(Store& store, std::string key, std::string lane) {
    std::promise<absl::StatusOr<Appended>> done;
    InboxEntry entry{.connection = kMain, .key = std::move(key), .lane = std::move(lane)};
    store.AppendInbox(std::move(entry),
                      [&done](absl::StatusOr<Appended> outcome) { done.set_value(outcome); });
    return done.get_future().get();
  }

  ManualClock clock_;
  Secret url_;
};

TEST_F(PostgresStoreTest, KeepsWhatAnotherReplicaWrote) {
  const auto one = Open();
  const auto two = Open();
  ASSERT_TRUE(one && two);
  ASSERT_TRUE(one->SetWatermark(kMain, "name", "value").ok());
  EXPECT_EQ(two->GetWatermark(kMain, "name").value(), "value");
}

TEST_F(PostgresStoreTest, ARestartedServerIsNotNoticed) {
  const auto store = Open();
  ASSERT_TRUE(store);
  ASSERT_TRUE(store->SetWatermark(kMain, "name", "before").ok());
  EXPECT_EQ(store->GetWatermark(kMain, "name").value(), "before");
  EndSessions();
  const absl::Status written = store->SetWatermark(kMain, "name", "after");
  EXPECT_TRUE(written.ok()) << written;
  const auto read = store->GetWatermark(kMain, "name");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, "after");
}

// In the middle of a transaction it is: nobody may go on with half of one.
TEST_F(PostgresStoreTest, ASessionLostInATransactionIsToBeTriedAgain) {
  PostgresHandle db(url_);
  ASSERT_TRUE(db.Connect().ok());
  ASSERT_TRUE(db.Script("BEGIN").ok());
  EndSessions();
  const absl::Status lost = db.Script("SELECT 1");
  EXPECT_TRUE(absl::IsUnavailable(lost)) << lost;
  EXPECT_EQ(ReactionOf(lost), Reaction::kRetry);
  EXPECT_FALSE(db.in_transaction());
  EXPECT_TRUE(db.Connect().ok());
}

TEST_F(PostgresStoreTest, AnEventOfHostileTextIsKept) {
  const auto store = Open();
  ASSERT_TRUE(store);
  using std::string_literals::operator""s;
  EXPECT_EQ(Append(*store, "key\0one"s, "person/\xFF"s).value(), Appended::kAccepted);
  EXPECT_EQ(Append(*store, "key\0one"s, "person/\xFF"s).value(), Appended::kDuplicate);
  const auto leased = store->LeaseInbox(kMain, "worker", clock_.Now(), std::chrono::minutes(1), 10);
  ASSERT_TRUE(leased.ok()) << leased.status();
  EXPECT_EQ(leased->size(), 1U);
}

TEST_F(PostgresStoreTest, AnEventGoesToOneReplica) {
  constexpr int kEvents = 60;
  const auto first = Open();
  ASSERT_TRUE(first);
  for (int i = 0; i < kEvents; ++i) {
    ASSERT_TRUE(Append(*first, "key" + std::to_string(i), "lane/" + std::to_string(i)).ok());
  }
  std::vector<std::set<int64_t>> taken(3);
  std::vector<std::thread> replicas;
  for (size_t r = 0; r < taken.size(); ++r) {
    replicas.emplace_back([this, r, &taken] {
      const auto store = Open();
      const std::string owner = "replica" + std::to_string(r);
      for (bool more = store != nullptr; more;) {
        const auto leased =
            store->LeaseInbox(kMain, owner, clock_.Now(), std::chrono::minutes(1), 5);
        ASSERT_TRUE(leased.ok()) << leased.status();
        for (const LeasedEvent& event : *leased) taken[r].insert(event.id);
        more = !leased->empty();
      }
    });
  }
  for (std::thread& replica : replicas) replica.join();
  std::set<int64_t> all;
  size_t sum = 0;
  for (const std::set<int64_t>& events : taken) {
    all.insert(events.begin(), events.end());
    sum += events.size();
  }
  EXPECT_EQ(all.size(), static_cast<size_t>(kEvents));
  EXPECT_EQ(sum, all.size()) << "an event was leased twice";
}

TEST_F(PostgresStoreTest, AnotherProgramsTablesAreLeftAlone) {
  Script("CREATE TABLE theirs (a INT)");
  const auto store = MakePostgresStore({.url = url_}, clock_);
  ASSERT_EQ(store.status().code(), absl::StatusCode::kFailedPrecondition) << store.status();
  EXPECT_THAT(std::string(store.status().message()), HasSubstr("another program"));
}

TEST_F(PostgresStoreTest, ANewerVersionsSchemaIsRefused) {
  ASSERT_TRUE(Open());
  Script("INSERT INTO schema_version VALUES (1000)");
  const auto store = MakePostgresStore({.url = url_}, clock_);
  ASSERT_EQ(store.status().code(), absl::StatusCode::kFailedPrecondition) << store.status();
  EXPECT_THAT(std::string(store.status().message()), HasSubstr("run the newer program"));
}

TEST_F(PostgresStoreTest, ReplicasThatStartTogetherMakeTheSchemaOnce) {
  std::vector<std::future<absl::Status>> starts;
  for (int i = 0; i < 4; ++i) {
    starts.push_back(std::async(
        std::launch::async, [this] { return MakePostgresStore({.url = url_}, clock_).status(); }));
  }
  for (auto& start : starts) {
    const absl::Status started = start.get();
    EXPECT_TRUE(started.ok()) << started;
  }
}

TEST_F(PostgresStoreTest, ErrorsShowNoPassword) {
  for (const char* url :
       {"postgresql://user:hunter2@127.0.0.1:1/db", "postgresql://user:hunter2@[broken",
        "postgresql://user:hunter2@127.0.0.1:1/db?sslmode=nonsense"}) {
    const auto store = MakePostgresStore({.url = Secret(url)}, clock_);
    ASSERT_FALSE(store.ok());
    EXPECT_THAT(store.status().ToString(), Not(HasSubstr("hunter2")));
  }
}

TEST_F(PostgresStoreTest, ReplicasLearnOfEachOtherByTheLedger) {
  const auto open = [this] { return *MakePostgresLedger(url_, clock_); };
  const auto one = open();
  const auto two = open();
  const auto report = [](quota::Ledger& ledger, std::string_view member, int64_t tokens) {
    return ledger.Report({"main/pipedrive", member, "2026-11-24", tokens}).value();
  };
  quota::Slice slice = report(*one, "one", 10);
  EXPECT_EQ(slice.members, 1);
  EXPECT_TRUE(slice.may_spend);
  slice = report(*two, "two", 5);
  EXPECT_EQ(slice.members, 2);
  EXPECT_FALSE(slice.may_spend) << "the other has not heard of it";
  EXPECT_EQ(slice.tokens_spent, 15);
  clock_.Advance(quota::kLedgerMemberLife - std::chrono::seconds(1));
  EXPECT_EQ(report(*two, "two", 0).members, 2);
  clock_.Advance(std::chrono::seconds(1));
  // The first has not reported for its life.
  slice = report(*two, "two", 0);
  EXPECT_EQ(slice.members, 1);
  EXPECT_TRUE(slice.may_spend);
  slice = two->Report({"main/pipedrive", "two", "2026-11-25", 7}).value();
  EXPECT_EQ(slice.tokens_spent, 7) << "a new day";
  slice = one->Report({"other/pipedrive", "one", "2026-11-25", 1}).value();
  EXPECT_EQ(slice.members, 1) << "another account";
}

}  // namespace
}  // namespace connector::store
