// SqlStore: asking for runs.

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "model/wire.h"
#include "store/sql_run_rows.h"
#include "store/sql_session.h"
#include "store/sql_store.h"

namespace connector::store {
namespace {

constexpr int kRunning = static_cast<int>(RunState::kRunning);

absl::Status NoSuchRun(std::string_view id) {
  return absl::NotFoundError(absl::StrCat("no run ", ToAbsl(id)));
}

absl::StatusOr<std::optional<Run>> Unfinished(SqlSession& session, const Run& run) {
  SqlQuery query =
      session.db().Query("SELECT " CONNECTOR_RUN_COLUMNS
                         "FROM runs WHERE conn = ? AND kind = ? AND dry_run = ? AND state <= 1",
                         session.conn(), static_cast<int>(run.kind), run.options.dry_run);
  return FirstRun(query, run.connection);
}

absl::Status Insert(SqlSession& session, const Run& run) {
  return session.db().Execute(
      "INSERT INTO runs (conn, id, kind, dry_run, state, options, progress, created_at, scheduled) "
      "VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?)",
      session.conn(), run.id, static_cast<int>(run.kind), run.options.dry_run,
      Blob{Encode(run.options)}, Blob{Encode(run.progress)}, run.created_at, run.scheduled);
}

absl::StatusOr<std::optional<Run>> SelectRun(SqlHandle& db, int64_t conn,
                                             std::string_view connection, std::string_view id) {
  SqlQuery query =
      db.Query("SELECT " CONNECTOR_RUN_COLUMNS "FROM runs WHERE conn = ? AND id = ?", conn, id);
  return FirstRun(query, connection);
}

}  // namespace

absl::StatusOr<Store::Submitted> SqlStore::SubmitRun(const Run& run) {
  Submitted submitted;
  const absl::Status done = Write(run.connection, [&](SqlSession& session) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(std::optional<Run> there, Unfinished(session, run));
    submitted.joined = there.has_value();
    if (there) {
      submitted.run = *std::move(there);
      return absl::OkStatus();
    }
    CONNECTOR_RETURN_IF_ERROR(Insert(session, run));
    CONNECTOR_ASSIGN_OR_RETURN(there,
                               SelectRun(session.db(), session.conn(), run.connection, run.id));
    if (!there) return NoSuchRun(run.id);
    submitted.run = *std::move(there);
    return absl::OkStatus();
  });
  if (!done.ok()) return done;
  return submitted;
}

absl::StatusOr<Run> SqlStore::GetRun(std::string_view connection, std::string_view id) {
  std::optional<Run> run;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(run, SelectRun(db, conn, connection, id));
    return absl::OkStatus();
  }));
  if (!run) return NoSuchRun(id);
  return *std::move(run);
}

absl::StatusOr<std::vector<Run>> SqlStore::ListRuns(std::string_view connection, int limit) {
  std::vector<Run> runs;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    SqlQuery query = db.Query("SELECT " CONNECTOR_RUN_COLUMNS
                              "FROM runs WHERE conn = ? ORDER BY number DESC LIMIT ?",
                              conn, limit);
    while (true) {
      CONNECTOR_ASSIGN_OR_RETURN(std::optional<Run> run, FirstRun(query, connection));
      if (!run) return absl::OkStatus();
      runs.push_back(*std::move(run));
    }
  }));
  return runs;
}

absl::StatusOr<std::optional<Run>> SqlStore::LastRun(std::string_view connection, RunKind kind,
                                                     RunState state) {
  std::optional<Run> run;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    SqlQuery query = db.Query(
        "SELECT " CONNECTOR_RUN_COLUMNS
        "FROM runs WHERE conn = ? AND kind = ? AND state = ? AND dry_run = 0 AND state > ? "
        "ORDER BY number DESC LIMIT 1",
        conn, static_cast<int>(kind), static_cast<int>(state), kRunning);
    CONNECTOR_ASSIGN_OR_RETURN(run, FirstRun(query, connection));
    return absl::OkStatus();
  }));
  return run;
}

absl::Status SqlStore::RequestCancel(std::string_view connection, std::string_view id) {
  return Write(connection, [&](SqlSession& session) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(const int64_t run, RunNumber(session.db(), session.conn(), id));
    if (run == 0) return NoSuchRun(id);
    // A finished run stays as it ended.
    return session.db().Execute(
        "UPDATE runs SET cancel_requested = 1 WHERE number = ? AND state <= ?", run, kRunning);
  });
}

}  // namespace connector::store
