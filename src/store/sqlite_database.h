#pragma once

// One SQLite file: a connection that writes and a few that read meanwhile.

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/sqlite_handle.h"
#include "store/write_turns.h"

namespace connector::store {

// Any thread. Every transaction is one call with its body as a function, so that a queue that
// gathers several bodies into one commit can be put in front of Write without touching them.
class SqliteDatabase {
 public:
  using Work = absl::FunctionRef<absl::Status(SqliteHandle&)>;

  // Opens or creates the file (and its directory) and brings it to the current schema. ":memory:"
  // is a database of its own that ends with the object.
  static absl::StatusOr<std::unique_ptr<SqliteDatabase>> Open(const std::string& path);

  // A copy in a temporary file that has no name any more and goes with the object.
  absl::StatusOr<std::unique_ptr<SqliteDatabase>> Copy();

  // Told of every transaction that the database itself failed: "read" or "write", and the code in
  // lower case. Before the first transaction; any thread calls it.
  using OnError = std::function<void(std::string_view operation, std::string_view code)>;
  void ObserveErrors(OnError on_error) { on_error_ = std::move(on_error); }

  // Runs `work` in a transaction that excludes all other writers, also of other processes. Commits
  // and syncs if it returns OK; else nothing of it stays.
  absl::Status Write(Work work, WriteTurns::Kind kind = WriteTurns::Kind::kPatient);
  // Runs `work` on one snapshot; never waits for a writer.
  absl::Status Read(Work work);

 private:
  explicit SqliteDatabase(std::string path) : path_(std::move(path)) {}

  absl::Status Observed(std::string_view operation, absl::Status outcome) const;
  absl::Status OpenWriter();
  absl::Status OpenReaders();
  std::string ScratchDirectory() const;

  const std::string path_;
  OnError on_error_;

  WriteTurns turns_;  // guards *writer_
  std::unique_ptr<SqliteHandle> writer_;

  std::mutex readers_mutex_;  // guards idle_readers_
  std::condition_variable reader_freed_;
  std::vector<SqliteHandle*> idle_readers_;
  // Empty where there is no second connection to the same data: then the writer reads.
  std::vector<std::unique_ptr<SqliteHandle>> readers_;
};

}  // namespace connector::store
