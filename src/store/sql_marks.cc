#include "store/sql_marks.h"

#include "base/status.h"

namespace connector::store {
namespace {

absl::Status KeepMark(SqlSession& session, const Settlement& settlement, int64_t open_rows) {
  const Time due = session.now() + settlement.retry_after;
  CONNECTOR_RETURN_IF_ERROR(session.db().Execute(
      "UPDATE marks SET lease_until = 0, lease_owner = '', jobs = MAX(jobs - ?4, 0), "
      // A version that came meanwhile is news and does not wait for the retry.
      "not_before = CASE WHEN version = ?3 THEN ?5 ELSE not_before END, "
      // The contact may have rows in other jobs: their end must not clear what is kept here.
      "version = CASE WHEN ?4 > 0 THEN ?6 ELSE version END "
      "WHERE conn = ?1 AND contact = ?2 AND version <> 0",
      session.conn(), settlement.state.key, settlement.version, open_rows, due,
      session.NextMark()));
  if (session.db().changes() > 0) return absl::OkStatus();
  // Cleared by another road: it is to be done again all the same.
  return session.db().Execute(
      "INSERT INTO marks (conn, contact, version, run, marked_at, not_before, urgency) "
      "VALUES (?1, ?2, ?3, 0, ?4, ?5, ?7) ON CONFLICT (conn, contact) DO UPDATE SET "
      "version = excluded.version, run = 0, marked_at = excluded.marked_at, urgency = ?7, "
      "not_before = excluded.not_before, lease_until = 0, lease_owner = '', jobs = "
      "MAX(marks.jobs - ?6, 0)",
      session.conn(), settlement.state.key, session.NextMark(), session.now(), due, open_rows,
      static_cast<int>(Urgency::kBulk));
}

}  // namespace

absl::Status MarkContact(SqlSession& session, int64_t contact, int64_t run, Urgency urgency) {
  return session.db().Execute(
      "INSERT INTO marks (conn, contact, version, run, marked_at, urgency) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
      "ON CONFLICT (conn, contact) DO UPDATE SET version = excluded.version, not_before = 0, "
      "run = CASE WHEN marks.version = 0 OR marks.run = excluded.run THEN excluded.run ELSE 0 END, "
      "urgency = CASE WHEN marks.version = 0 THEN excluded.urgency "
      "ELSE MAX(marks.urgency, excluded.urgency) END, marked_at = CASE WHEN marks.version = 0 "
      "THEN excluded.marked_at ELSE marks.marked_at END",
      session.conn(), contact, session.NextMark(), run, session.now(), static_cast<int>(urgency));
}

absl::Status SettleMark(SqlSession& session, const Settlement& settlement, int64_t open_rows) {
  if (settlement.keep_mark) return KeepMark(session, settlement, open_rows);
  CONNECTOR_RETURN_IF_ERROR(session.db().Execute(
      "DELETE FROM marks WHERE conn = ? AND contact = ? AND version IN (0, ?) AND jobs <= ?",
      session.conn(), settlement.state.key, settlement.version, open_rows));
  if (session.db().changes() > 0) return absl::OkStatus();
  return session.db().Execute(
      "UPDATE marks SET lease_until = 0, lease_owner = '', jobs = MAX(jobs - ?4, 0), "
      "version = CASE WHEN version = ?3 THEN 0 ELSE version END WHERE conn = ?1 AND contact = ?2",
      session.conn(), settlement.state.key, settlement.version, open_rows);
}

absl::Status OpenImportRow(SqlSession& session, int64_t contact) {
  return session.db().Execute(
      "INSERT INTO marks (conn, contact, version, run, marked_at, jobs) VALUES (?1, ?2, 0, 0, ?3, "
      "1) "
      "ON CONFLICT (conn, contact) DO UPDATE SET jobs = marks.jobs + 1, lease_until = 0, "
      "lease_owner = "
      "''",
      session.conn(), contact, session.now());
}

absl::Status ReopenMark(SqlSession& session, int64_t contact, int64_t run) {
  // A new version: the end of the contact's rows in other jobs must not clear it.
  CONNECTOR_RETURN_IF_ERROR(session.db().Execute(
      "UPDATE marks SET lease_until = 0, lease_owner = '', jobs = MAX(jobs - 1, 0), version = ? "
      "WHERE conn = ? AND contact = ? AND version <> 0",
      session.NextMark(), session.conn(), contact));
  if (session.db().changes() > 0) return absl::OkStatus();
  return session.db().Execute(
      "INSERT INTO marks (conn, contact, version, run, marked_at, urgency) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
      "ON CONFLICT (conn, contact) DO UPDATE SET version = excluded.version, run = excluded.run, "
      "marked_at = excluded.marked_at, not_before = 0, lease_until = 0, lease_owner = '', urgency "
      "= ?6, "
      "jobs = MAX(marks.jobs - 1, 0)",
      session.conn(), contact, session.NextMark(), run, session.now(),
      static_cast<int>(run == 0 ? Urgency::kBulk : Urgency::kWaits));
}

absl::Status RenewContacts(SqlHandle& db, int64_t conn, std::string_view owner, Time until) {
  return db.Execute(
      "UPDATE marks INDEXED BY leased_marks SET lease_until = ?3 "
      "WHERE conn = ?1 AND lease_owner = ?2 AND lease_owner <> ''",
      conn, owner, until);
}

absl::Status ReleaseContacts(SqlHandle& db, int64_t conn, std::string_view owner) {
  return db.Execute(
      "UPDATE marks INDEXED BY leased_marks SET lease_until = 0, lease_owner = '' "
      "WHERE conn = ?1 AND lease_owner = ?2 AND lease_owner <> ''",
      conn, owner);
}

absl::Status FreeMarks(SqlSession& session, int64_t run) {
  return session.db().Execute("UPDATE marks SET run = 0 WHERE conn = ? AND run = ?", session.conn(),
                              run);
}

}  // namespace connector::store
