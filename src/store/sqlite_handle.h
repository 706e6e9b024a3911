#pragma once

// SqlHandle over one SQLite connection; prepared statements are kept.

#include <sqlite3.h>

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/sql.h"

namespace connector::store {

class SqliteHandle final : public SqlHandle {
 public:
  // `flags` as sqlite3_open_v2 takes them. `name` is how messages call the database.
  static absl::StatusOr<std::unique_ptr<SqliteHandle>> Open(const std::string& path, int flags,
                                                            std::string name);
  SqliteHandle(const SqliteHandle&) = delete;
  SqliteHandle& operator=(const SqliteHandle&) = delete;
  ~SqliteHandle() override;

  absl::Status Script(const std::string& sql) override;
  int64_t changes() const override { return sqlite3_changes64(db_); }
  bool in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

  // Runs a statement whose text is not known beforehand; it is not kept.
  absl::Status RunOnce(const std::string& sql, absl::Span<const SqlValue> values);

  // What a result code of this handle's last call means.
  absl::Status StatusOf(int result) const;

 private:
  SqliteHandle(sqlite3* db, std::string name) : db_(db), name_(std::move(name)) {}

  std::unique_ptr<SqlRows> Ask(Sql sql, Values values) override;
  absl::Status Run(Sql sql, Values values) override;
  int Prepare(Sql sql, sqlite3_stmt** statement);
  absl::Status Finish(sqlite3_stmt* statement, Values values) const;
  // A result code; `own` as sqlite3_bind_text64 takes it.
  static int BindAll(sqlite3_stmt* statement, Values values, sqlite3_destructor_type own);

  sqlite3* db_;
  const std::string name_;
  absl::flat_hash_map<const char*, sqlite3_stmt*> statements_;
};

}  // namespace connector::store
