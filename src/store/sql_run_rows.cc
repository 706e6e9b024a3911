#include "store/sql_run_rows.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "model/wire.h"

namespace connector::store {

absl::StatusOr<Run> ReadRun(const SqlQuery& query, std::string_view connection) {
  Run run;
  run.id = query.Text(0);
  run.connection = connection;
  run.kind = static_cast<RunKind>(query.Int(1));
  run.state = static_cast<RunState>(query.Int(2));
  CONNECTOR_ASSIGN_OR_RETURN(run.options, DecodeRunOptions(query.Bytes(3)));
  CONNECTOR_ASSIGN_OR_RETURN(run.progress, DecodeRunProgress(query.Bytes(4)));
  run.created_at = query.Instant(5);
  run.started_at = query.OptionalInstant(6);
  run.finished_at = query.OptionalInstant(7);
  run.cancel_requested = query.Int(8) != 0;
  run.scheduled = query.Int(9) != 0;
  run.error = query.Text(10);
  return run;
}

absl::StatusOr<std::optional<Run>> FirstRun(SqlQuery& query, std::string_view connection) {
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  if (!found) return std::nullopt;
  return ReadRun(query, connection);
}

absl::StatusOr<int64_t> LeasedRun(SqlHandle& db, int64_t conn, const RunLease& lease) {
  SqlQuery query =
      db.Query("SELECT number FROM runs WHERE conn = ? AND id = ? AND owner = ? AND state = ?",
               conn, lease.run_id, lease.owner, static_cast<int>(RunState::kRunning));
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  if (found) return query.Int(0);
  return absl::FailedPreconditionError(
      absl::StrCat("run ", lease.run_id, " is not leased to ", lease.owner, " any more"));
}

absl::StatusOr<int64_t> RunNumber(SqlHandle& db, int64_t conn, std::string_view id) {
  SqlQuery query = db.Query("SELECT number FROM runs WHERE conn = ? AND id = ?", conn, id);
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  return found ? query.Int(0) : 0;
}

absl::StatusOr<int64_t> UnfinishedRunNumber(SqlHandle& db, int64_t conn, std::string_view id) {
  SqlQuery query = db.Query("SELECT number FROM runs WHERE conn = ? AND id = ? AND state <= ?",
                            conn, id, static_cast<int>(RunState::kRunning));
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  return found ? query.Int(0) : 0;
}

absl::StatusOr<int64_t> CommitProgress(SqlSession& session, const RunUpdate& update) {
  CONNECTOR_ASSIGN_OR_RETURN(const int64_t run,
                             LeasedRun(session.db(), session.conn(), update.lease));
  CONNECTOR_RETURN_IF_ERROR(session.db().Execute("UPDATE runs SET progress = ? WHERE number = ?",
                                                 Blob{Encode(update.progress)}, run));
  return run;
}

absl::Status SaveCursor(SqlSession& session, int64_t run, std::string_view walk,
                        const Cursor& cursor) {
  return session.db().Execute(
      "INSERT INTO cursors (conn, run, walk, value, done) VALUES (?, ?, ?, ?, ?) "
      "ON CONFLICT (conn, run, walk) DO UPDATE SET value = excluded.value, done = excluded.done",
      session.conn(), run, walk, cursor.value, cursor.done);
}

}  // namespace connector::store
