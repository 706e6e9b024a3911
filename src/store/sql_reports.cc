// SqlStore: failures and the plans of dry runs.

#include <limits>

#include "base/status.h"
#include "model/wire.h"
#include "store/sql_run_rows.h"
#include "store/sql_session.h"
#include "store/sql_settle.h"
#include "store/sql_store.h"

namespace connector::store {
Failure ReadFailure(const SqlQuery& query) {
  Failure failure;
  failure.id = query.Int(0);
  failure.run_id = query.Text(1);
  failure.entity = query.Text(2);
  failure.entity_id = query.Text(3);
  failure.reason = static_cast<FailureReason>(query.Int(4));
  failure.field = query.Text(5);
  failure.detail = query.Text(6);
  failure.created_at = query.Instant(7);
  return failure;
}

absl::Status SqlStore::RecordFailures(std::string_view connection,
                                      const std::vector<Failure>& failures) {
  if (failures.empty()) return absl::OkStatus();
  return Write(connection, [&](SqlSession& session) { return InsertFailures(session, failures); });
}

absl::StatusOr<std::vector<Failure>> SqlStore::ListFailures(std::string_view connection,
                                                            std::string_view run_id,
                                                            int64_t before_id, int limit) {
  std::vector<Failure> failures;
  // 0 asks for the first page.
  const int64_t before = before_id > 0 ? before_id : std::numeric_limits<int64_t>::max();
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    SqlQuery query = db.Query(
        "SELECT id, run_id, entity, entity_id, reason, field, detail, created_at FROM failures "
        "WHERE conn = ?1 AND id < ?2 AND (?3 = '' OR run_id = ?3) ORDER BY id DESC LIMIT ?4",
        conn, before, run_id, limit);
    while (true) {
      CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
      if (!more) return absl::OkStatus();
      failures.push_back(ReadFailure(query));
    }
  }));
  return failures;
}

absl::Status SqlStore::DeleteFailures(std::string_view connection,
                                      const std::vector<int64_t>& ids) {
  if (ids.empty()) return absl::OkStatus();
  return Write(connection, [&](SqlSession& session) -> absl::Status {
    for (const int64_t id : ids) {
      CONNECTOR_RETURN_IF_ERROR(session.db().Execute(
          "DELETE FROM failures WHERE conn = ? AND id = ?", session.conn(), id));
    }
    return absl::OkStatus();
  });
}

absl::Status SqlStore::ClearPlan(const RunLease& lease) {
  return Write(lease.connection, [&](SqlSession& session) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(const int64_t run, LeasedRun(session.db(), session.conn(), lease));
    return session.db().Execute("DELETE FROM plans WHERE conn = ? AND run = ?", session.conn(),
                                run);
  });
}

absl::Status SqlStore::AppendPlan(const RunLease& lease,
                                  const std::vector<PlannedChange>& changes) {
  return Write(lease.connection, [&](SqlSession& session) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(const int64_t run, LeasedRun(session.db(), session.conn(), lease));
    int64_t last = 0;
    {
      SqlQuery query = session.db().Query(
          "SELECT MAX(sequence) FROM plans WHERE conn = ? AND run = ?", session.conn(), run);
      CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
      if (found) last = query.Int(0);
    }
    for (const PlannedChange& change : changes) {
      CONNECTOR_RETURN_IF_ERROR(
          session.db().Execute("INSERT INTO plans (conn, run, sequence, body) VALUES (?, ?, ?, ?)",
                               session.conn(), run, ++last, Blob{Encode(change)}));
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<Store::PlanPage> SqlStore::ReadPlan(std::string_view connection,
                                                   std::string_view run_id, int64_t after_sequence,
                                                   int limit) {
  PlanPage page;
  page.last_sequence = after_sequence;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(const int64_t run, RunNumber(db, conn, run_id));
    SqlQuery query = db.Query(
        "SELECT sequence, body FROM plans WHERE conn = ? AND run = ? AND sequence > ? "
        "ORDER BY sequence LIMIT ?",
        conn, run, after_sequence, limit);
    while (true) {
      CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
      if (!more) return absl::OkStatus();
      page.last_sequence = query.Int(0);
      CONNECTOR_ASSIGN_OR_RETURN(PlannedChange change, DecodePlannedChange(query.Bytes(1)));
      page.changes.push_back(std::move(change));
    }
  }));
  return page;
}

}  // namespace connector::store
