#include "store/sqlite_store.h"

#include "base/status.h"
#include "store/append_queue.h"
#include "store/file_use.h"
#include "store/sqlite_database.h"
#include "store/sqlite_session.h"

namespace connector::store {

namespace {

// Nobody else works on the file, so whoever holds a lease died over it: what was leased is given
// out again at once. The ends of leases lie in the past instead of nowhere, so that an attempt is
// counted and an intent is looked up. Grants are left alone: a renewal under way ends by itself.
absl::Status EndDeadLeases(SqliteHandle& db) {
  CONNECTOR_RETURN_IF_ERROR(
      db.Execute("UPDATE inbox_lanes SET lease_until = 1 WHERE lease_until > 1"));
  CONNECTOR_RETURN_IF_ERROR(db.Execute("UPDATE outbox SET lease_until = 1 WHERE lease_until > 1"));
  CONNECTOR_RETURN_IF_ERROR(
      db.Execute("UPDATE marks INDEXED BY leased_marks SET lease_until = 0, lease_owner = '' "
                 "WHERE lease_owner <> ''"));
  // state <= 1: the small index of unfinished runs.
  return db.Execute("UPDATE runs SET lease_until = 1 WHERE state <= 1 AND lease_until > 1");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> MakeSqliteStore(const SqliteOptions& options,
                                                       const Clock& clock) {
  CONNECTOR_ASSIGN_OR_RETURN(auto database, SqliteDatabase::Open(options.path));
  database->ObserveErrors(options.on_error);
  FileUse use(options.path);
  if (use.alone()) CONNECTOR_RETURN_IF_ERROR(database->Write(EndDeadLeases));
  use.Share();
  return std::make_unique<SqliteStore>(std::move(database), std::move(use),
                                       Sealer(options.token_keys), clock);
}

SqliteStore::SqliteStore(std::unique_ptr<SqliteDatabase> database, FileUse use, Sealer sealer,
                         const Clock& clock)
    : use_(std::move(use)),
      database_(std::move(database)),
      sealer_(std::move(sealer)),
      clock_(clock),
      appends_(std::make_unique<AppendQueue>(
          [this](const std::vector<InboxEntry>& entries) { return CommitInbox(entries); })) {}

SqliteStore::~SqliteStore() = default;

absl::Status SqliteStore::Write(std::string_view connection,
                                absl::FunctionRef<absl::Status(SqliteSession&)> work) {
  return database_->Write([&](SqliteHandle& db) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(SqliteSession session,
                               SqliteSession::Begin(db, connection, clock_.Now()));
    CONNECTOR_RETURN_IF_ERROR(work(session));
    return session.End();
  });
}

absl::Status SqliteStore::Read(std::string_view connection,
                               absl::FunctionRef<absl::Status(SqliteHandle&, int64_t)> work) {
  return database_->Read([&](SqliteHandle& db) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(const int64_t conn, FindConnection(db, connection));
    return work(db, conn);
  });
}

}  // namespace connector::store
