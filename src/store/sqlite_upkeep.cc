// SqliteStore: the schema cache, the depth of the queue, pruning and scratch copies.

#include "base/status.h"
#include "model/wire.h"
#include "store/sqlite_database.h"
#include "store/sqlite_run_rows.h"
#include "store/sqlite_session.h"
#include "store/sqlite_store.h"

namespace connector::store {
namespace {

struct OldRun {
  int64_t number = 0;
  int64_t conn = 0;
};

absl::StatusOr<std::optional<OldRun>> NextOldRun(SqliteHandle& db, Time before) {
  SqliteQuery query =
      db.Query("SELECT number, conn FROM runs WHERE state > ? AND finished_at < ? LIMIT 1",
               static_cast<int>(RunState::kRunning), before);
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  if (!found) return std::nullopt;
  return OldRun{query.Int(0), query.Int(1)};
}

absl::Status DeleteCounted(SqliteHandle& db, absl::Status done, int64_t& deleted) {
  if (done.ok()) deleted += db.changes();
  return done;
}

// The rows a scratch copy must not take over: what was to be done there is somebody else's.
constexpr char kEmptyQueues[] =
    "DELETE FROM marks; DELETE FROM import_jobs; DELETE FROM import_job_rows; "
    "DELETE FROM failures; DELETE FROM plans;";

}  // namespace

absl::StatusOr<std::optional<Store::StoredSchema>> SqliteStore::GetSchema(
    std::string_view connection) {
  std::optional<StoredSchema> stored;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqliteHandle& db, int64_t conn) -> absl::Status {
    SqliteQuery query = db.Query("SELECT body, fetched_at FROM schemas WHERE conn = ?", conn);
    CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
    if (!found) return absl::OkStatus();
    CONNECTOR_ASSIGN_OR_RETURN(AccountSchema schema, DecodeAccountSchema(query.Bytes(0)));
    stored = StoredSchema{std::move(schema), query.Instant(1)};
    return absl::OkStatus();
  }));
  return stored;
}

absl::Status SqliteStore::PutSchema(std::string_view connection, const AccountSchema& schema,
                                    Time fetched_at) {
  return Write(connection, [&](SqliteSession& session) {
    return session.db().Execute(
        "INSERT INTO schemas (conn, body, fetched_at) VALUES (?, ?, ?) "
        "ON CONFLICT (conn) DO UPDATE SET body = excluded.body, fetched_at = excluded.fetched_at",
        session.conn(), Blob{Encode(schema)}, fetched_at);
  });
}

absl::StatusOr<Store::QueueDepth> SqliteStore::GetQueueDepth(std::string_view connection) {
  QueueDepth depth;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqliteHandle& db, int64_t conn) -> absl::Status {
    SqliteQuery query = db.Query(
        "SELECT COALESCE(SUM(jobs = 0), 0), MIN(marked_at), "
        "(SELECT count(*) FROM import_jobs WHERE conn = ?1) "
        "FROM marks WHERE conn = ?1 AND version > 0",
        conn);
    CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
    if (found) depth = {query.Int(0), query.Int(2), query.OptionalInstant(1)};
    return absl::OkStatus();
  }));
  return depth;
}

absl::StatusOr<int64_t> SqliteStore::Prune(Time before) {
  int64_t deleted = 0;
  CONNECTOR_RETURN_IF_ERROR(database_->Write([&](SqliteHandle& db) {
    return DeleteCounted(db, db.Execute("DELETE FROM failures WHERE created_at < ?", before),
                         deleted);
  }));
  // A transaction a run: the plan of a dry run can be as long as the account.
  for (bool more = true; more;) {
    const absl::Status done = database_->Write([&](SqliteHandle& db) -> absl::Status {
      CONNECTOR_ASSIGN_OR_RETURN(const std::optional<OldRun> run, NextOldRun(db, before));
      more = run.has_value();
      if (!more) return absl::OkStatus();
      CONNECTOR_RETURN_IF_ERROR(DeleteCounted(
          db, db.Execute("DELETE FROM plans WHERE conn = ? AND run = ?", run->conn, run->number),
          deleted));
      return DeleteCounted(db, db.Execute("DELETE FROM runs WHERE number = ?", run->number),
                           deleted);
    });
    if (!done.ok()) return done;
  }
  return deleted;
}

// Copies every connection: taking out the others would cost more than carrying them.
absl::StatusOr<std::unique_ptr<Store>> SqliteStore::MakeScratchCopy(
    std::string_view /*connection*/) {
  CONNECTOR_ASSIGN_OR_RETURN(std::unique_ptr<SqliteDatabase> copy, database_->Copy());
  CONNECTOR_RETURN_IF_ERROR(copy->Write([](SqliteHandle& db) { return db.Script(kEmptyQueues); }));
  return std::make_unique<SqliteStore>(std::move(copy), clock_);
}

}  // namespace connector::store
