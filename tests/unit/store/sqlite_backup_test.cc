#include "store/sqlite_backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "store/sql_store.h"

namespace connector::store {
namespace {

using ::testing::HasSubstr;

class BackupTest : public ::testing::Test {
 protected:
  BackupTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "backup-XXXXXX").string();
    directory = mkdtemp(pattern.data());
  }
  ~BackupTest() override { std::filesystem::remove_all(directory); }

  std::string Path(const std::string& name) const { return directory + "/" + name; }

  std::unique_ptr<Store> Open(const std::string& name) {
    auto opened = MakeSqliteStore({Path(name)}, clock);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return opened.ok() ? *std::move(opened) : nullptr;
  }

  static connector::Run MakeRun(int number) {
    connector::Run run;
    run.id = "r" + std::to_string(number);
    run.connection = "c" + std::to_string(number);  // one unfinished run of a kind each
    return run;
  }

  ManualClock clock;
  std::string directory;
};

TEST_F(BackupTest, ACopyMadeWhileAServiceWritesHoldsEverythingCommittedBefore) {
  auto store = Open("live.db");
  ASSERT_TRUE(store->SubmitRun(MakeRun(0)).ok());
  std::atomic<bool> stop = false;
  std::atomic<int> written = 0;
  std::jthread writer([&] {
    while (!stop) {
      ASSERT_TRUE(store->SubmitRun(MakeRun(written + 1)).ok());
      ++written;
    }
  });
  while (written < 3) std::this_thread::yield();
  const int before = written;
  const absl::Status done = BackUpSqlite(Path("live.db"), Path("copy.db"));
  stop = true;
  writer.join();
  ASSERT_TRUE(done.ok()) << done;
  auto copy = Open("copy.db");
  for (int i = 0; i <= before; ++i) {
    EXPECT_TRUE(copy->GetRun("c" + std::to_string(i), "r" + std::to_string(i)).ok()) << i;
  }
  EXPECT_TRUE(copy->SubmitRun(MakeRun(1'000'000)).ok()) << "it can be worked on";
}

TEST_F(BackupTest, OnlyItsOwnerReadsTheCopyAndNothingElseIsLeft) {
  { const auto store = Open("a.db"); }
  ASSERT_TRUE(BackUpSqlite(Path("a.db"), Path("b.db")).ok());
  struct stat file {};
  ASSERT_EQ(stat(Path("b.db").c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777U, 0600U);
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    EXPECT_EQ(entry.path().string().find(".part"), std::string::npos) << entry.path();
  }
}

TEST_F(BackupTest, RefusalsNameTheFileAndLeaveEverythingAsItWas) {
  { const auto store = Open("a.db"); }
  const absl::Status none = BackUpSqlite(Path("none.db"), Path("b.db"));
  EXPECT_TRUE(absl::IsNotFound(none)) << none;
  EXPECT_FALSE(std::filesystem::exists(Path("none.db")));

  std::ofstream(Path("taken")) << "precious";
  const absl::Status taken = BackUpSqlite(Path("a.db"), Path("taken"));
  EXPECT_TRUE(absl::IsAlreadyExists(taken)) << taken;
  EXPECT_THAT(std::string(taken.message()), HasSubstr("taken"));
  std::string text;
  std::ifstream(Path("taken")) >> text;
  EXPECT_EQ(text, "precious");

  EXPECT_FALSE(BackUpSqlite(Path("a.db"), Path("no/such/directory/b.db")).ok());
  std::ofstream(Path("rubbish.db")) << std::string(10'000, 'x');
  const absl::Status rubbish = BackUpSqlite(Path("rubbish.db"), Path("b.db"));
  EXPECT_TRUE(absl::IsDataLoss(rubbish)) << rubbish;
  EXPECT_FALSE(std::filesystem::exists(Path("b.db")));
}

}  // namespace
}  // namespace connector::store
