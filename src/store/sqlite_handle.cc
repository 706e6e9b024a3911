#include "store/sqlite_handle.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace connector::store {
namespace {

// How long a statement waits for another process that holds the file. Longer than any transaction
// of the connector takes.
constexpr int kBusyTimeoutMs = 10'000;

class SqliteRows final : public SqlRows {
 public:
  SqliteRows(const SqliteHandle& handle, sqlite3_stmt* statement, int prepared)
      : handle_(handle), statement_(statement), prepared_(prepared) {}
  SqliteRows(const SqliteRows&) = delete;
  SqliteRows& operator=(const SqliteRows&) = delete;
  ~SqliteRows() override {
    if (prepared_ == SQLITE_OK) sqlite3_reset(statement_);
  }

  absl::StatusOr<bool> Next() override {
    if (prepared_ != SQLITE_OK) return handle_.StatusOf(prepared_);
    const int result = sqlite3_step(statement_);
    if (result == SQLITE_ROW) return true;
    if (result == SQLITE_DONE) return false;
    return handle_.StatusOf(result);
  }
  int64_t Int(int column) const override { return sqlite3_column_int64(statement_, column); }
  bool IsNull(int column) const override {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
  }
  std::string_view Bytes(int column) const override {
    const void* bytes = sqlite3_column_blob(statement_, column);
    return {static_cast<const char*>(bytes),
            static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
  }

 private:
  const SqliteHandle& handle_;
  sqlite3_stmt* statement_;
  int prepared_;  // result code of preparing and binding
};

int Bind(sqlite3_stmt* s, int at, const SqlValue& value, sqlite3_destructor_type own) {
  if (value.null) return sqlite3_bind_null(s, at);
  // A null pointer would bind NULL.
  const char* bytes = value.bytes.data() ? value.bytes.data() : "";
  switch (value.type) {
    case SqlValue::Type::kNumber:
      return sqlite3_bind_int64(s, at, value.number);
    case SqlValue::Type::kText:
      return sqlite3_bind_text64(s, at, bytes, value.bytes.size(), own, SQLITE_UTF8);
    case SqlValue::Type::kBlob:
      break;
  }
  return sqlite3_bind_blob64(s, at, bytes, value.bytes.size(), own);
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteHandle>> SqliteHandle::Open(const std::string& path, int flags,
                                                                 std::string name) {
  sqlite3* db = nullptr;
  const int result =
      sqlite3_open_v2(path.c_str(), &db, flags | SQLITE_OPEN_NOMUTEX, /*zVfs=*/nullptr);
  std::unique_ptr<SqliteHandle> handle(new SqliteHandle(db, std::move(name)));
  if (db == nullptr) return absl::ResourceExhaustedError("no memory for a database connection");
  if (result != SQLITE_OK) return handle->StatusOf(result);
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, kBusyTimeoutMs);
  return handle;
}

SqliteHandle::~SqliteHandle() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close_v2(db_);
}

int SqliteHandle::Prepare(Sql sql, sqlite3_stmt** statement) {
  const auto known = statements_.find(sql.text);
  if (known != statements_.end()) {
    *statement = known->second;
    // Its rows are still being read: an error of the caller that must not pass silently.
    return sqlite3_stmt_busy(*statement) != 0 ? SQLITE_MISUSE : SQLITE_OK;
  }
  const int result = sqlite3_prepare_v3(db_, sql.text, -1, SQLITE_PREPARE_PERSISTENT, statement,
                                        /*pzTail=*/nullptr);
  if (result == SQLITE_OK) statements_.emplace(sql.text, *statement);
  return result;
}

int SqliteHandle::BindAll(sqlite3_stmt* statement, Values values, sqlite3_destructor_type own) {
  int at = 0;
  for (const SqlValue& value : values) {
    const int result = Bind(statement, ++at, value, own);
    if (result != SQLITE_OK) return result;
  }
  return SQLITE_OK;
}

std::unique_ptr<SqlRows> SqliteHandle::Ask(Sql sql, Values values) {
  sqlite3_stmt* statement = nullptr;
  int result = Prepare(sql, &statement);
  if (result == SQLITE_OK) result = BindAll(statement, values, SQLITE_TRANSIENT);
  return std::make_unique<SqliteRows>(*this, statement, result);
}

absl::Status SqliteHandle::Run(Sql sql, Values values) {
  sqlite3_stmt* statement = nullptr;
  const int result = Prepare(sql, &statement);
  if (result != SQLITE_OK) return StatusOf(result);
  return Finish(statement, values);
}

absl::Status SqliteHandle::RunOnce(const std::string& sql, Values values) {
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, /*pzTail=*/nullptr);
  if (result != SQLITE_OK) return StatusOf(result);
  absl::Status status = Finish(statement, values);
  sqlite3_finalize(statement);
  return status;
}

absl::Status SqliteHandle::Finish(sqlite3_stmt* statement, Values values) const {
  int result = BindAll(statement, values, SQLITE_STATIC);
  if (result != SQLITE_OK) return StatusOf(result);
  do {
    result = sqlite3_step(statement);
  } while (result == SQLITE_ROW);
  absl::Status status = result == SQLITE_DONE ? absl::OkStatus() : StatusOf(result);
  sqlite3_reset(statement);
  return status;
}

absl::Status SqliteHandle::Script(const std::string& sql) {
  const int result = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  return result == SQLITE_OK ? absl::OkStatus() : StatusOf(result);
}

absl::Status SqliteHandle::StatusOf(int result) const {
  const std::string said = absl::StrCat("database ", name_, ": ", sqlite3_errmsg(db_));
  switch (result & 0xFF) {  // the primary code; the upper bits say where it came from
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return WithReaction(absl::UnavailableError(said), Reaction::kRetry);
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(
          absl::StrCat(said, "; free space on its disk, the work goes on by itself"));
    case SQLITE_NOMEM:
      return absl::ResourceExhaustedError(said);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(absl::StrCat(
          said,
          "; move the file away (with its -wal and -shm) or restore a backup, a full sync "
          "then builds it anew"));
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return absl::InternalError(absl::StrCat(
          said, "; the service's user must be able to write the file and its directory"));
    case SQLITE_CONSTRAINT:
      return absl::AlreadyExistsError(said);
    case SQLITE_IOERR:
      return absl::UnavailableError(absl::StrCat(said, "; check the disk"));
    default:
      return absl::InternalError(said);
  }
}

}  // namespace connector::store
