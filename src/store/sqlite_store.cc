#include "store/sqlite_store.h"

#include "base/status.h"
#include "store/append_queue.h"
#include "store/sqlite_database.h"
#include "store/sqlite_session.h"

namespace connector::store {

absl::StatusOr<std::unique_ptr<Store>> MakeSqliteStore(const SqliteOptions& options,
                                                       const Clock& clock) {
  CONNECTOR_ASSIGN_OR_RETURN(auto database, SqliteDatabase::Open(options.path));
  return std::make_unique<SqliteStore>(std::move(database), Sealer(options.token_keys), clock);
}

SqliteStore::SqliteStore(std::unique_ptr<SqliteDatabase> database, Sealer sealer,
                         const Clock& clock)
    : database_(std::move(database)),
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
