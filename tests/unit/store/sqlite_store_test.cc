#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>

#include "base/status.h"
#include "store/sql_store.h"
#include "store/sqlite_handle.h"

namespace connector::store {
namespace {

using testing::HasSubstr;

class SqliteStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string path = (std::filesystem::temp_directory_path() / "sqlite-store-XXXXXX").string();
    ASSERT_NE(::mkdtemp(path.data()), nullptr);
    directory_ = path;
    path_ = (directory_ / "connector.db").string();
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  absl::StatusOr<std::unique_ptr<Store>> Open() { return MakeSqliteStore({path_}, clock_); }
  void Script(const std::string& sql) {
    const auto handle =
        SqliteHandle::Open(path_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, path_);
    ASSERT_TRUE(handle.ok()) << handle.status();
    const absl::Status done = (*handle)->Script(sql);
    ASSERT_TRUE(done.ok()) << done;
  }
  void ExpectRefused(absl::StatusCode code, const std::string& reason) {
    const auto store = Open();
    ASSERT_FALSE(store.ok());
    EXPECT_EQ(store.status().code(), code) << store.status();
    const std::string message(store.status().message());
    EXPECT_THAT(message, HasSubstr(path_));
    EXPECT_THAT(message, HasSubstr(reason));
  }

  ManualClock clock_;
  std::filesystem::path directory_;
  std::string path_;
};

TEST_F(SqliteStoreTest, MakesTheDirectoryAndAFileForTheServiceAlone) {
  path_ = (directory_ / "deep" / "er" / "connector.db").string();
  const auto store = Open();
  ASSERT_TRUE(store.ok()) << store.status();
  struct stat file {};
  for (const char* suffix : {"", "-wal", "-shm"}) {
    ASSERT_EQ(::stat((path_ + suffix).c_str(), &file), 0) << suffix;
    EXPECT_EQ(file.st_mode & 0777, 0600U) << suffix;
  }
}

TEST_F(SqliteStoreTest, OpensWhatItWroteBefore) {
  ASSERT_TRUE((*Open())->SetWatermark("main", "w", "1").ok());
  EXPECT_EQ(*(*Open())->GetWatermark("main", "w"), "1");
}

TEST_F(SqliteStoreTest, BringsTheFirstSchemaUpToDate) {
  std::ifstream file(std::filesystem::path(CONNECTOR_TEST_DATA_DIR) / "schema_1.sql");
  std::stringstream sql;
  sql << file.rdbuf();
  Script(sql.str());
  const auto store = Open();
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ(*(*store)->GetWatermark("main", "w"), "1");
  EXPECT_EQ(*(*store)->CountMarks("main", ""), 1);
  EXPECT_TRUE((*store)->LeaseInbox("main", "a", clock_.Now(), std::chrono::minutes(1), 1).ok());
}

TEST_F(SqliteStoreTest, RefusesANewerSchemaAndLeavesItAlone) {
  ASSERT_TRUE(Open().ok());
  Script("PRAGMA user_version = 1000");
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "schema version 1000");
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "run the newer program");
}

TEST_F(SqliteStoreTest, RefusesAnotherProgramsDatabase) {
  Script("CREATE TABLE theirs (x)");
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "another program");
}

TEST_F(SqliteStoreTest, RefusesAFileThatIsNoDatabase) {
  std::ofstream(path_) << std::string(8192, 'x');
  ExpectRefused(absl::StatusCode::kDataLoss, "move the file away");
}

TEST_F(SqliteStoreTest, NamesADirectoryThatCannotBeMade) {
  std::ofstream(directory_ / "file") << "x";
  path_ = (directory_ / "file" / "connector.db").string();
  const auto store = Open();
  EXPECT_EQ(store.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(store.status().message()), HasSubstr((directory_ / "file").string()));
}

TEST_F(SqliteStoreTest, NamesAPathThatIsADirectory) {
  path_ = directory_.string();
  ExpectRefused(absl::StatusCode::kInternal, "cannot open");
}

// Appends one event and a run, and leases both.
void LeaseAnEventAndARun(Store& store, const Clock& clock) {
  InboxEntry entry;
  entry.connection = "main";
  entry.key = "key";
  entry.lane = "person/1";
  std::promise<bool> stored;
  store.AppendInbox(entry, [&stored](const auto& outcome) { stored.set_value(outcome.ok()); });
  ASSERT_TRUE(stored.get_future().get());
  Run run;
  run.connection = "main";
  run.id = "run";
  ASSERT_TRUE(store.SubmitRun(run).ok());
  ASSERT_EQ(store.LeaseInbox("main", "dead", clock.Now(), std::chrono::hours(1), 9)->size(), 1U);
  ASSERT_TRUE(store.LeaseRun("dead", clock.Now(), std::chrono::hours(1))->has_value());
}

TEST_F(SqliteStoreTest, LeasesOfTheDeadEndWhenTheFileIsOpened) {
  LeaseAnEventAndARun(*Open().value(), clock_);
  const auto store = Open().value();
  const auto events =
      store->LeaseInbox("main", "heir", clock_.Now(), std::chrono::seconds(1), 9).value();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].attempts, 2) << "whoever died over it may do so again";
  EXPECT_TRUE(store->LeaseRun("heir", clock_.Now(), std::chrono::seconds(1))->has_value());
}

TEST_F(SqliteStoreTest, LeasesOfTheLivingAreTheirs) {
  const auto first = Open().value();
  LeaseAnEventAndARun(*first, clock_);
  const auto second = Open().value();
  EXPECT_TRUE(
      second->LeaseInbox("main", "heir", clock_.Now(), std::chrono::seconds(1), 9)->empty());
  EXPECT_FALSE(second->LeaseRun("heir", clock_.Now(), std::chrono::seconds(1))->has_value());
}

TEST_F(SqliteStoreTest, AScratchCopyLeavesNoFile) {
  const auto store = Open();
  ASSERT_TRUE(store.ok());
  const auto count = [this] {
    return std::distance(std::filesystem::directory_iterator(directory_), {});
  };
  const auto before = count();
  {
    const auto scratch = (*store)->MakeScratchCopy("main");
    ASSERT_TRUE(scratch.ok()) << scratch.status();
    ASSERT_TRUE((*scratch)->SetWatermark("main", "w", "dry").ok());
    EXPECT_EQ(count(), before) << "not even while it is in use, so that a crash leaves none";
    EXPECT_EQ(*(*scratch)->GetWatermark("main", "w"), "dry");
  }
  EXPECT_EQ(count(), before);
  EXPECT_EQ(*(*store)->GetWatermark("main", "w"), "");
}

// What is acknowledged is there after a death that runs no destructor, what was not is not.
TEST_F(SqliteStoreTest, SurvivesADeathInTheMiddleOfATransaction) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto store = Open();
    connector::Run run;
    run.id = "run";
    run.connection = "main";
    const bool ready = store.ok() && (*store)->SubmitRun(run).ok() &&
                       (*store)->LeaseRun("w", clock_.Now(), std::chrono::minutes(1)).ok() &&
                       (*store)->SetWatermark("main", "w", "acknowledged").ok();
    if (!ready) ::_exit(1);
    const std::vector<Contact> page(2);
    (*store)
        ->FinishContactsPage({{"main", "run", "w"}, {}}, {"1", false}, page,
                             [](const std::optional<ContactState>&, const Contact&) {
                               static int calls = 0;
                               if (++calls == 2) ::_exit(0);
                               ContactState state;
                               state.email = "a@x.org";
                               return state;
                             })
        .IgnoreError();
    ::_exit(2);
  }
  int result = 0;
  ASSERT_EQ(::waitpid(child, &result, 0), child);
  ASSERT_TRUE(WIFEXITED(result));
  ASSERT_EQ(WEXITSTATUS(result), 0);

  const auto store = Open();
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ(*(*store)->GetWatermark("main", "w"), "acknowledged");
  EXPECT_EQ(*(*store)->FindContact("main", {Identifier::Kind::kEmail, "a@x.org"}), std::nullopt);
  EXPECT_EQ((*store)->GetCursor({"main", "run", "w"}, "contacts")->value, "");
}

TEST_F(SqliteStoreTest, AFullDiskIsSaidSoAndHarmless) {
  Script("CREATE TABLE t (x); PRAGMA user_version = 0;");
  const auto handle = SqliteHandle::Open(path_, SQLITE_OPEN_READWRITE, path_);
  ASSERT_TRUE(handle.ok());
  // Stands for the disk: SQLite answers both with SQLITE_FULL.
  ASSERT_TRUE((*handle)->Script("PRAGMA max_page_count = 3").ok());
  const std::string text(100'000, 'x');
  const absl::Status status = (*handle)->Execute("INSERT INTO t VALUES (?)", text);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("free space"));
  EXPECT_TRUE((*handle)->Execute("INSERT INTO t VALUES (?)", text.substr(0, 1)).ok());
}

TEST_F(SqliteStoreTest, ALockedFileIsTriedAgain) {
  Script("CREATE TABLE t (x)");
  const auto one = SqliteHandle::Open(path_, SQLITE_OPEN_READWRITE, path_);
  const auto two = SqliteHandle::Open(path_, SQLITE_OPEN_READWRITE, path_);
  ASSERT_TRUE(one.ok() && two.ok());
  ASSERT_TRUE((*two)->Script("PRAGMA busy_timeout = 1").ok());
  ASSERT_TRUE((*one)->Script("BEGIN IMMEDIATE").ok());
  const absl::Status status = (*two)->Execute("INSERT INTO t VALUES (1)");
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReactionOf(status), Reaction::kRetry);
}

}  // namespace
}  // namespace connector::store
