#pragma once

// One PostgreSQL database that several replicas share: a session that writes and a few that read
// meanwhile.

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/secret.h"
#include "store/postgres_handle.h"
#include "store/reader_pool.h"
#include "store/sql_database.h"
#include "store/write_turns.h"

namespace connector::store {

// Writers of all replicas take turns by an advisory lock that ends with its transaction, so that
// each sees the state as it is, as with SQLite. A session that was lost is made anew before a
// transaction begins, so that a server that has restarted is not noticed; where the loss hit a
// commit, nobody can tell whether it took place, and the error says UNAVAILABLE: every method of
// Store may be repeated then.
class PostgresDatabase final : public SqlDatabase {
 public:
  // Connects and brings the database to the current schema. Errors as PostgresHandle::Connect.
  static absl::StatusOr<std::unique_ptr<PostgresDatabase>> Open(const Secret& url);

  absl::StatusOr<std::unique_ptr<SqlDatabase>> Copy() override;
  absl::Status Write(Work work, WriteTurns::Kind kind = WriteTurns::Kind::kPatient) override;
  absl::Status Read(Work work) override;

 private:
  explicit PostgresDatabase(const Secret& url);

  WriteTurns turns_;  // guards writer_
  PostgresHandle writer_;

  ReaderPool<PostgresHandle> readers_;
};

}  // namespace connector::store
