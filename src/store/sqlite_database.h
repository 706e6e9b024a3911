#pragma once

// One SQLite file: a connection that writes and a few that read meanwhile.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/reader_pool.h"
#include "store/sql_database.h"
#include "store/sqlite_handle.h"
#include "store/write_turns.h"

namespace connector::store {

class SqliteDatabase final : public SqlDatabase {
 public:
  // Opens or creates the file (and its directory) and brings it to the current schema. ":memory:"
  // is a database of its own that ends with the object.
  static absl::StatusOr<std::unique_ptr<SqliteDatabase>> Open(const std::string& path);

  // A private database in a temporary file of this directory ("": the system's) that `fill` makes
  // by its path, and that has no name any more when this returns.
  static absl::StatusOr<std::unique_ptr<SqliteDatabase>> Scratch(
      std::string directory, absl::FunctionRef<absl::Status(const std::string&)> fill);

  absl::StatusOr<std::unique_ptr<SqlDatabase>> Copy() override;
  absl::Status Write(Work work, WriteTurns::Kind kind = WriteTurns::Kind::kPatient) override;
  absl::Status Read(Work work) override;

 private:
  explicit SqliteDatabase(std::string path) : path_(std::move(path)) {}

  absl::Status OpenWriter();
  absl::Status OpenReaders();
  std::string ScratchDirectory() const;

  const std::string path_;

  WriteTurns turns_;  // guards *writer_
  std::unique_ptr<SqliteHandle> writer_;

  // Empty where there is no second connection to the same data: then the writer reads.
  ReaderPool<SqliteHandle> readers_;
};

}  // namespace connector::store
