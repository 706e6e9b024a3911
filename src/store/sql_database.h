#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/sql.h"
#include "store/write_turns.h"

namespace connector::store {

// A database with the schema of store/migrations.h. Any thread. Every transaction is one call with
// its body as a function, so that a queue that gathers several bodies into one commit can be put in
// front of Write without touching them.
class SqlDatabase {
 public:
  using Work = absl::FunctionRef<absl::Status(SqlHandle&)>;

  virtual ~SqlDatabase() = default;

  // A private SQLite copy of what there is, which goes with the object.
  virtual absl::StatusOr<std::unique_ptr<SqlDatabase>> Copy() = 0;

  // Runs `work` in a transaction that excludes all other writers, also of other processes. Commits
  // and syncs if it returns OK; else nothing of it stays.
  virtual absl::Status Write(Work work, WriteTurns::Kind kind = WriteTurns::Kind::kPatient) = 0;
  // Runs `work` on one snapshot; never waits for a writer.
  virtual absl::Status Read(Work work) = 0;

  // Told of every transaction that the database itself failed: "read" or "write", and the code in
  // lower case. Before the first transaction; any thread calls it.
  using OnError = std::function<void(std::string_view operation, std::string_view code)>;
  void ObserveErrors(OnError on_error) { on_error_ = std::move(on_error); }

 protected:
  absl::Status Observed(std::string_view operation, absl::Status outcome) const;

 private:
  OnError on_error_;
};

}  // namespace connector::store
