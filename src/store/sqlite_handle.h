#pragma once

// One SQLite connection as C++: prepared statements that are kept, parameters bound by type, and
// result codes turned into statuses that name the file and the remedy.

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"

namespace connector::store {

// Bound as BLOB; a plain text is bound as TEXT.
struct Blob {
  std::string_view bytes;
};

// The text of a statement. Prepared statements are found again by its address, so it must last as
// long as the program: the consteval constructor takes nothing else.
struct Sql {
  // NOLINTNEXTLINE(google-explicit-constructor): a literal is meant to be passed as it is.
  consteval Sql(const char* sql) : text(sql) {}
  const char* text;
};

class SqliteHandle;

// The rows of one statement. Views it hands out live until the next Next(). The statement is free
// for its next use when this is destroyed, so the same SQL can't be asked again inside its own
// loop.
class SqliteQuery {
 public:
  SqliteQuery(SqliteHandle& handle, sqlite3_stmt* statement, int prepared)
      : handle_(&handle), statement_(statement), prepared_(prepared) {}
  SqliteQuery(const SqliteQuery&) = delete;
  SqliteQuery& operator=(const SqliteQuery&) = delete;
  ~SqliteQuery() {
    if (prepared_ == SQLITE_OK) sqlite3_reset(statement_);
  }

  // Steps to the next row; false behind the last.
  absl::StatusOr<bool> Next();

  int64_t Int(int column) const { return sqlite3_column_int64(statement_, column); }
  bool IsNull(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::optional<int64_t> OptionalInt(int column) const {
    if (IsNull(column)) return std::nullopt;
    return Int(column);
  }
  Time Instant(int column) const { return Time(Duration(Int(column))); }
  std::optional<Time> OptionalInstant(int column) const {
    if (IsNull(column)) return std::nullopt;
    return Instant(column);
  }
  // TEXT or BLOB.
  std::string_view Bytes(int column) const {
    const void* bytes = sqlite3_column_blob(statement_, column);
    return {static_cast<const char*>(bytes),
            static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
  }
  std::string Text(int column) const { return std::string(Bytes(column)); }

 private:
  SqliteHandle* handle_;
  sqlite3_stmt* statement_;
  int prepared_;  // result code of preparing and binding
};

// Not for concurrent use: its owner guards it.
class SqliteHandle {
 public:
  // `flags` as sqlite3_open_v2 takes them. `name` is how messages call the database.
  static absl::StatusOr<std::unique_ptr<SqliteHandle>> Open(const std::string& path, int flags,
                                                            std::string name);
  SqliteHandle(const SqliteHandle&) = delete;
  SqliteHandle& operator=(const SqliteHandle&) = delete;
  ~SqliteHandle();

  template <typename... Args>
  SqliteQuery Query(Sql sql, const Args&... args) {
    sqlite3_stmt* statement = nullptr;
    int result = Prepare(sql, &statement);
    // The texts may be temporaries that are gone before the first step.
    if (result == SQLITE_OK) result = BindAll(statement, SQLITE_TRANSIENT, args...);
    return SqliteQuery(*this, statement, result);
  }

  // Runs a statement to its end.
  template <typename... Args>
  absl::Status Execute(Sql sql, const Args&... args) {
    sqlite3_stmt* statement = nullptr;
    int result = Prepare(sql, &statement);
    if (result == SQLITE_OK) result = BindAll(statement, SQLITE_STATIC, args...);
    return Finish(statement, result);
  }

  // Runs any number of statements that are not worth keeping.
  absl::Status Script(const std::string& sql);

  // Rows the last statement inserted, changed or deleted.
  int64_t changes() const { return sqlite3_changes64(db_); }
  bool in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

  // What a result code of this handle's last call means.
  absl::Status StatusOf(int result) const;

 private:
  SqliteHandle(sqlite3* db, std::string name) : db_(db), name_(std::move(name)) {}

  int Prepare(Sql sql, sqlite3_stmt** statement);
  absl::Status Finish(sqlite3_stmt* statement, int prepared) const;

  static int Bind(sqlite3_stmt* s, int at, int64_t value, sqlite3_destructor_type) {
    return sqlite3_bind_int64(s, at, value);
  }
  static int Bind(sqlite3_stmt* s, int at, int value, sqlite3_destructor_type) {
    return sqlite3_bind_int64(s, at, value);
  }
  static int Bind(sqlite3_stmt* s, int at, bool value, sqlite3_destructor_type) {
    return sqlite3_bind_int64(s, at, value ? 1 : 0);
  }
  static int Bind(sqlite3_stmt* s, int at, Time value, sqlite3_destructor_type) {
    return sqlite3_bind_int64(s, at, value.time_since_epoch().count());
  }
  static int Bind(sqlite3_stmt* s, int at, std::string_view text, sqlite3_destructor_type own) {
    return sqlite3_bind_text64(s, at, text.data() ? text.data() : "", text.size(), own,
                               SQLITE_UTF8);
  }
  static int Bind(sqlite3_stmt* s, int at, Blob blob, sqlite3_destructor_type own) {
    return sqlite3_bind_blob64(s, at, blob.bytes.data() ? blob.bytes.data() : "", blob.bytes.size(),
                               own);
  }
  template <typename T>
  static int Bind(sqlite3_stmt* s, int at, const std::optional<T>& value,
                  sqlite3_destructor_type own) {
    return value ? Bind(s, at, *value, own) : sqlite3_bind_null(s, at);
  }

  template <typename... Args>
  static int BindAll([[maybe_unused]] sqlite3_stmt* statement,
                     [[maybe_unused]] sqlite3_destructor_type own, const Args&... args) {
    [[maybe_unused]] int at = 0;
    int result = SQLITE_OK;
    ((result = result == SQLITE_OK ? Bind(statement, ++at, args, own) : result), ...);
    return result;
  }

  sqlite3* db_;
  const std::string name_;
  absl::flat_hash_map<const char*, sqlite3_stmt*> statements_;
};

}  // namespace connector::store
