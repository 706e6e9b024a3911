#include "store/sql_store.h"

#include "base/status.h"
#include "store/append_queue.h"
#include "store/file_use.h"
#include "store/postgres_database.h"
#include "store/sql_session.h"
#include "store/sqlite_database.h"

namespace connector::store {

namespace {

// Nobody else works on the file, so whoever holds a lease died over it: what was leased is given
// out again at once. The ends of leases lie in the past instead of nowhere, so that an attempt is
// counted and an intent is looked up. Grants are left alone: a renewal under way ends by itself.
absl::Status EndDeadLeases(SqlHandle& db) {
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
  return std::make_unique<SqlStore>(std::move(database), std::move(use), Sealer(options.token_keys),
                                    clock);
}

absl::StatusOr<std::unique_ptr<Store>> MakePostgresStore(const PostgresOptions& options,
                                                         const Clock& clock) {
  CONNECTOR_ASSIGN_OR_RETURN(auto database, PostgresDatabase::Open(options.url));
  database->ObserveErrors(options.on_error);
  return std::make_unique<SqlStore>(std::move(database), /*use=*/std::nullopt,
                                    Sealer(options.token_keys), clock);
}

SqlStore::SqlStore(std::unique_ptr<SqlDatabase> database, std::optional<FileUse> use, Sealer sealer,
                   const Clock& clock)
    : use_(std::move(use)),
      database_(std::move(database)),
      sealer_(std::move(sealer)),
      clock_(clock),
      appends_(std::make_unique<AppendQueue>(
          [this](const std::vector<InboxEntry>& entries) { return CommitInbox(entries); })) {}

SqlStore::~SqlStore() = default;

absl::Status SqlStore::Write(std::string_view connection,
                             absl::FunctionRef<absl::Status(SqlSession&)> work) {
  return database_->Write([&](SqlHandle& db) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(SqlSession session, SqlSession::Begin(db, connection, clock_.Now()));
    CONNECTOR_RETURN_IF_ERROR(work(session));
    return session.End();
  });
}

absl::Status SqlStore::Read(std::string_view connection,
                            absl::FunctionRef<absl::Status(SqlHandle&, int64_t)> work) {
  return database_->Read([&](SqlHandle& db) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(const int64_t conn, FindConnection(db, connection));
    return work(db, conn);
  });
}

}  // namespace connector::store
