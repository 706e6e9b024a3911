#include "store/append_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <optional>

#include "store/sql_store.h"
#include "store/sqlite_database.h"

namespace connector::store {
namespace {

using Outcome = absl::StatusOr<Appended>;

InboxEntry MakeEntry(std::string key, size_t body = 10) {
  InboxEntry entry;
  entry.connection = "main";
  entry.lane = "person/" + key;
  entry.key = std::move(key);
  entry.body.assign(body, 'x');
  return entry;
}

// A commit that stands still until it is let go, and tells what it was given.
class Gate {
 public:
  AppendQueue::Commit Commit() {
    return [this](const std::vector<InboxEntry>& entries) -> absl::StatusOr<std::vector<Appended>> {
      std::unique_lock lock(mutex_);
      sizes_.push_back(entries.size());
      changed_.notify_all();
      changed_.wait(lock, [this] { return open_; });
      if (!answer_.ok()) return answer_;
      return std::vector<Appended>(entries.size(), Appended::kAccepted);
    };
  }
  void AwaitFirst() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !sizes_.empty(); });
  }
  void Open(absl::Status answer = absl::OkStatus()) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
    open_ = true;
    changed_.notify_all();
  }
  std::vector<size_t> sizes() {
    const std::lock_guard lock(mutex_);
    return sizes_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  absl::Status answer_;
  std::vector<size_t> sizes_;
};

TEST(AppendQueue, WhatGathersDuringACommitSharesTheNext) {
  Gate gate;
  int accepted = 0;  // by the queue's thread, read after it has ended
  {
    AppendQueue queue(gate.Commit(), {.batch_entries = 3});
    const auto count = [&accepted](const Outcome& outcome) { accepted += outcome.ok() ? 1 : 0; };
    queue.Append(MakeEntry("0"), count);
    gate.AwaitFirst();
    for (int i = 1; i <= 5; ++i) queue.Append(MakeEntry(std::to_string(i)), count);
    gate.Open();
  }
  EXPECT_THAT(gate.sizes(), testing::ElementsAre(1, 3, 2));
  EXPECT_EQ(accepted, 6);
}

TEST(AppendQueue, ABatchIsBoundedInBytes) {
  Gate gate;
  {
    AppendQueue queue(gate.Commit(), {.batch_bytes = 3'000});
    queue.Append(MakeEntry("0"), [](const Outcome&) {});
    gate.AwaitFirst();
    for (int i = 1; i <= 4; ++i)
      queue.Append(MakeEntry(std::to_string(i), 1'000), [](const Outcome&) {});
    gate.Open();
  }
  EXPECT_THAT(gate.sizes(), testing::ElementsAre(1, 2, 2));
}

TEST(AppendQueue, ItRefusesAtOnceWhatItCannotHold) {
  Gate gate;
  std::optional<Outcome> too_many;
  std::optional<Outcome> too_large;
  {
    AppendQueue queue(gate.Commit(), {.waiting_entries = 2, .waiting_bytes = 5'000});
    queue.Append(MakeEntry("0"), [](const Outcome&) {});
    gate.AwaitFirst();
    queue.Append(MakeEntry("1"), [](const Outcome&) {});
    queue.Append(MakeEntry("large", 6'000), [&](Outcome outcome) { too_large = outcome; });
    queue.Append(MakeEntry("2"), [](const Outcome&) {});
    queue.Append(MakeEntry("3"), [&](Outcome outcome) { too_many = outcome; });
    ASSERT_TRUE(too_many && too_large) << "on the caller's thread";
    gate.Open();
  }
  EXPECT_EQ(too_many->status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(too_large->status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(gate.sizes(), testing::ElementsAre(1, 2));
}

TEST(AppendQueue, AFailedCommitIsToldToEveryoneInIt) {
  Gate gate;
  std::vector<absl::StatusCode> codes;
  {
    AppendQueue queue(gate.Commit());
    const auto note = [&codes](const Outcome& outcome) {
      codes.push_back(outcome.status().code());
    };
    queue.Append(MakeEntry("0"), note);
    gate.AwaitFirst();
    queue.Append(MakeEntry("1"), note);
    gate.Open(absl::UnavailableError("locked"));
  }
  EXPECT_THAT(codes,
              testing::ElementsAre(absl::StatusCode::kUnavailable, absl::StatusCode::kUnavailable));
}

// A full disk, for which max_page_count stands: SQLite answers both with SQLITE_FULL.
TEST(AppendQueue, AFullDiskRefusesTheNewAndKeepsTheOld) {
  std::string directory = (std::filesystem::temp_directory_path() / "append-XXXXXX").string();
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  const std::string path = directory + "/connector.db";
  const ManualClock clock;
  int64_t accepted = 0;
  {
    auto database = SqliteDatabase::Open(path);
    ASSERT_TRUE(database.ok()) << database.status();
    ASSERT_TRUE((*database)
                    ->Write([](SqlHandle& db) { return db.Script("PRAGMA max_page_count=200"); })
                    .ok());
    SqlStore store(*std::move(database), FileUse(":memory:"), Sealer({}), clock);
    Outcome outcome = Appended::kAccepted;
    for (int i = 0; outcome.ok() && i < 1'000; ++i) {
      std::promise<Outcome> answer;
      store.AppendInbox(MakeEntry(std::to_string(i), 2'000),
                        [&](Outcome got) { answer.set_value(std::move(got)); });
      outcome = answer.get_future().get();
      if (outcome.ok()) ++accepted;
    }
    EXPECT_EQ(outcome.status().code(), absl::StatusCode::kResourceExhausted) << outcome.status();
  }
  ASSERT_GT(accepted, 0);
  {
    const auto store = MakeSqliteStore({path}, clock);
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_EQ((*store)->GetQueueDepth("main")->inbox_events, accepted);
  }
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace connector::store
