// SqlStore: working on a run, and its place in the walks.

#include "base/status.h"
#include "model/wire.h"
#include "store/sql_database.h"
#include "store/sql_marks.h"
#include "store/sql_run_rows.h"
#include "store/sql_session.h"
#include "store/sql_store.h"

namespace connector::store {
namespace {

constexpr int kQueued = static_cast<int>(RunState::kQueued);
constexpr int kRunning = static_cast<int>(RunState::kRunning);

struct Candidate {
  int64_t number = 0;
  int64_t conn = 0;
  std::string connection;
  std::string owner;  // whose lease ran out, or ""
};

absl::StatusOr<std::optional<Candidate>> OldestDue(SqlHandle& db, Time now) {
  // state <= 1 lets the small index of unfinished runs answer.
  SqlQuery query = db.Query(
      "SELECT r.number, r.conn, c.name, r.owner FROM runs r JOIN connections c ON c.id = r.conn "
      "WHERE r.state <= 1 AND (r.state = ? OR r.lease_until <= ?) ORDER BY r.number LIMIT 1",
      kQueued, now);
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  if (!found) return std::nullopt;
  return Candidate{query.Int(0), query.Int(1), query.Text(2), query.Text(3)};
}

absl::Status EndRun(SqlSession& session, const RunUpdate& update, RunState state,
                    std::string_view error, Time now) {
  CONNECTOR_ASSIGN_OR_RETURN(const int64_t run, CommitProgress(session, update));
  CONNECTOR_RETURN_IF_ERROR(session.db().Execute(
      "UPDATE runs SET state = ?, error = ?, finished_at = ?, owner = '', lease_until = 0 "
      "WHERE number = ?",
      static_cast<int>(state), error, now, run));
  CONNECTOR_RETURN_IF_ERROR(
      session.db().Execute("DELETE FROM cursors WHERE conn = ? AND run = ?", session.conn(), run));
  CONNECTOR_RETURN_IF_ERROR(session.db().Execute("DELETE FROM sightings WHERE conn = ? AND run = ?",
                                                 session.conn(), run));
  CONNECTOR_RETURN_IF_ERROR(ReleaseContacts(session.db(), session.conn(), update.lease.owner));
  return FreeMarks(session, run);
}

absl::Status PutWatermark(SqlSession& session, std::string_view name, std::string_view value) {
  return session.db().Execute(
      "INSERT INTO watermarks (conn, name, value) VALUES (?, ?, ?) "
      "ON CONFLICT (conn, name) DO UPDATE SET value = excluded.value",
      session.conn(), name, value);
}

}  // namespace

absl::StatusOr<std::optional<Run>> SqlStore::LeaseRun(std::string_view owner, Time now,
                                                      Duration lease) {
  std::optional<Run> run;
  const absl::Status done = database_->Write([&](SqlHandle& db) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(const std::optional<Candidate> due, OldestDue(db, now));
    if (!due) return absl::OkStatus();
    CONNECTOR_RETURN_IF_ERROR(
        db.Execute("UPDATE runs SET state = ?1, owner = ?2, lease_until = ?3, "
                   "started_at = COALESCE(started_at, ?4) WHERE number = ?5",
                   kRunning, owner, now + lease, now, due->number));
    // Its contacts were leased by a runner that is gone.
    CONNECTOR_RETURN_IF_ERROR(ReleaseContacts(db, due->conn, due->owner));
    SqlQuery query =
        db.Query("SELECT " CONNECTOR_RUN_COLUMNS "FROM runs WHERE number = ?", due->number);
    CONNECTOR_ASSIGN_OR_RETURN(run, FirstRun(query, due->connection));
    return absl::OkStatus();
  });
  if (!done.ok()) return done;
  return run;
}

absl::StatusOr<bool> SqlStore::RenewRun(const RunLease& lease, Time until) {
  bool cancel = false;
  const absl::Status done = Write(lease.connection, [&](SqlSession& session) -> absl::Status {
    SqlHandle& db = session.db();
    CONNECTOR_ASSIGN_OR_RETURN(const int64_t run, LeasedRun(db, session.conn(), lease));
    CONNECTOR_RETURN_IF_ERROR(
        db.Execute("UPDATE runs SET lease_until = ? WHERE number = ?", until, run));
    CONNECTOR_RETURN_IF_ERROR(RenewContacts(db, session.conn(), lease.owner, until));
    SqlQuery query = db.Query("SELECT cancel_requested FROM runs WHERE number = ?", run);
    CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
    cancel = found && query.Int(0) != 0;
    return absl::OkStatus();
  });
  if (!done.ok()) return done;
  return cancel;
}

absl::Status SqlStore::SaveProgress(const RunUpdate& update) {
  return Write(update.lease.connection,
               [&](SqlSession& session) { return CommitProgress(session, update).status(); });
}

absl::Status SqlStore::ReleaseRun(const RunUpdate& update) {
  return Write(update.lease.connection, [&](SqlSession& session) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(const int64_t run, CommitProgress(session, update));
    CONNECTOR_RETURN_IF_ERROR(ReleaseContacts(session.db(), session.conn(), update.lease.owner));
    return session.db().Execute(
        "UPDATE runs SET state = ?, owner = '', lease_until = 0 WHERE number = ?", kQueued, run);
  });
}

absl::Status SqlStore::FinishRun(const RunUpdate& update, RunState state, std::string_view error,
                                 Time now) {
  if (!IsFinal(state))
    return absl::InternalError("a run can't finish in a state that is not final");
  return Write(update.lease.connection,
               [&](SqlSession& session) { return EndRun(session, update, state, error, now); });
}

absl::Status SqlStore::SucceedRun(const RunUpdate& update, const std::vector<Watermark>& watermarks,
                                  Time now) {
  return Write(update.lease.connection, [&](SqlSession& session) -> absl::Status {
    CONNECTOR_RETURN_IF_ERROR(EndRun(session, update, RunState::kSucceeded, "", now));
    for (const Watermark& watermark : watermarks) {
      CONNECTOR_RETURN_IF_ERROR(PutWatermark(session, watermark.name, watermark.value));
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<Cursor> SqlStore::GetCursor(const RunLease& lease, std::string_view walk) {
  Cursor cursor;
  CONNECTOR_RETURN_IF_ERROR(
      Read(lease.connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
        CONNECTOR_ASSIGN_OR_RETURN(const int64_t run, LeasedRun(db, conn, lease));
        SqlQuery query =
            db.Query("SELECT value, done FROM cursors WHERE conn = ? AND run = ? AND walk = ?",
                     conn, run, walk);
        CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
        if (found) cursor = {query.Text(0), query.Int(1) != 0};
        return absl::OkStatus();
      }));
  return cursor;
}

absl::StatusOr<std::string> SqlStore::GetWatermark(std::string_view connection,
                                                   std::string_view name) {
  std::string value;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    SqlQuery query =
        db.Query("SELECT value FROM watermarks WHERE conn = ? AND name = ?", conn, name);
    CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
    if (found) value = query.Text(0);
    return absl::OkStatus();
  }));
  return value;
}

absl::Status SqlStore::SetWatermark(std::string_view connection, std::string_view name,
                                    std::string_view value) {
  return Write(connection, [&](SqlSession& session) { return PutWatermark(session, name, value); });
}

}  // namespace connector::store
