// SqlStore: import jobs and the rows that wait in them.

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "model/wire.h"
#include "store/sql_marks.h"
#include "store/sql_run_rows.h"
#include "store/sql_session.h"
#include "store/sql_settle.h"
#include "store/sql_store.h"

namespace connector::store {
namespace {

absl::Status NoSuchJob(int64_t job_id) {
  return absl::NotFoundError(absl::StrCat("no import job ", job_id));
}

struct JobHead {
  ImportState state = ImportState::kBuilding;
  std::string run_id;
};

absl::StatusOr<JobHead> ReadHead(SqlSession& session, int64_t job_id) {
  SqlQuery query = session.db().Query(
      "SELECT state, run_id FROM import_jobs WHERE conn = ? AND id = ?", session.conn(), job_id);
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  if (!found) return NoSuchJob(job_id);
  return JobHead{static_cast<ImportState>(query.Int(0)), query.Text(1)};
}

absl::Status RequireState(SqlSession& session, int64_t job_id, ImportState wanted) {
  CONNECTOR_ASSIGN_OR_RETURN(const JobHead head, ReadHead(session, job_id));
  if (head.state == wanted) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("import job ", job_id, " is in state ",
                                                    static_cast<int>(head.state), ", not ",
                                                    static_cast<int>(wanted)));
}

// A row of a contact that is in the job already replaces it.
absl::StatusOr<bool> InsertRow(SqlSession& session, int64_t job_id, const ImportRow& row) {
  const std::string body = Encode(row.write);
  CONNECTOR_RETURN_IF_ERROR(session.db().Execute(
      "INSERT INTO import_job_rows (conn, job, contact, version, creates, body) "
      "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      session.conn(), job_id, row.contact_key, row.version, static_cast<int>(row.counts),
      Blob{body}));
  if (session.db().changes() > 0) return true;
  CONNECTOR_RETURN_IF_ERROR(
      session.db().Execute("UPDATE import_job_rows SET version = ?, creates = ?, body = ? "
                           "WHERE conn = ? AND job = ? AND contact = ?",
                           row.version, static_cast<int>(row.counts), Blob{body}, session.conn(),
                           job_id, row.contact_key));
  return false;
}

absl::StatusOr<std::vector<int64_t>> ContactsIn(SqlSession& session, int64_t job_id) {
  std::vector<int64_t> contacts;
  SqlQuery query = session.db().Query(
      "SELECT contact FROM import_job_rows WHERE conn = ? AND job = ?", session.conn(), job_id);
  while (true) {
    CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
    if (!more) return contacts;
    contacts.push_back(query.Int(0));
  }
}

}  // namespace

absl::StatusOr<int64_t> SqlStore::CreateImport(std::string_view connection, const ImportJob& job) {
  int64_t id = 0;
  CONNECTOR_RETURN_IF_ERROR(Write(connection, [&](SqlSession& session) {
    id = session.NextImport();
    return session.db().Execute(
        "INSERT INTO import_jobs (conn, id, run_id, kind, state, list_id, process_id, created_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        session.conn(), id, job.run_id, static_cast<int>(job.kind), static_cast<int>(job.state),
        job.list_id, job.process_id, job.created_at);
  }));
  return id;
}

absl::Status SqlStore::AppendImportRows(std::string_view connection, int64_t job_id,
                                        const std::vector<ImportRow>& rows) {
  return Write(connection, [&](SqlSession& session) -> absl::Status {
    CONNECTOR_RETURN_IF_ERROR(RequireState(session, job_id, ImportState::kBuilding));
    int64_t added = 0;
    for (const ImportRow& row : rows) {
      CONNECTOR_ASSIGN_OR_RETURN(const bool is_new, InsertRow(session, job_id, row));
      if (!is_new) continue;
      ++added;
      CONNECTOR_RETURN_IF_ERROR(OpenImportRow(session, row.contact_key));
    }
    return session.db().Execute(
        "UPDATE import_jobs SET row_count = row_count + ? WHERE conn = ? AND id = ?", added,
        session.conn(), job_id);
  });
}

absl::Status SqlStore::MarkImport(std::string_view connection, int64_t job_id, ImportState state,
                                  int64_t process_id) {
  return Write(connection, [&](SqlSession& session) -> absl::Status {
    const ImportState before =
        state == ImportState::kSent ? ImportState::kIntent : ImportState::kBuilding;
    CONNECTOR_RETURN_IF_ERROR(RequireState(session, job_id, before));
    return session.db().Execute(
        "UPDATE import_jobs SET state = ?, process_id = ? WHERE conn = ? AND id = ?",
        static_cast<int>(state), process_id, session.conn(), job_id);
  });
}

absl::StatusOr<std::vector<ImportJob>> SqlStore::OpenImports(std::string_view connection) {
  std::vector<ImportJob> jobs;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    SqlQuery query = db.Query(
        "SELECT id, run_id, kind, state, list_id, process_id, row_count, created_at "
        "FROM import_jobs WHERE conn = ? ORDER BY id",
        conn);
    while (true) {
      CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
      if (!more) return absl::OkStatus();
      ImportJob job;
      job.id = query.Int(0);
      job.run_id = query.Text(1);
      job.kind = static_cast<ImportKind>(query.Int(2));
      job.state = static_cast<ImportState>(query.Int(3));
      job.list_id = query.Int(4);
      job.process_id = query.Int(5);
      job.rows = query.Int(6);
      job.created_at = query.Instant(7);
      jobs.push_back(std::move(job));
    }
  }));
  return jobs;
}

absl::StatusOr<std::vector<ImportRow>> SqlStore::ImportRows(std::string_view connection,
                                                            int64_t job_id, int64_t after_key,
                                                            int limit) {
  std::vector<ImportRow> rows;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    SqlQuery query = db.Query(
        "SELECT contact, version, creates, body FROM import_job_rows "
        "WHERE conn = ? AND job = ? AND contact > ? ORDER BY contact LIMIT ?",
        conn, job_id, after_key, limit);
    while (true) {
      CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
      if (!more) return absl::OkStatus();
      ImportRow row;
      row.contact_key = query.Int(0);
      row.version = query.Int(1);
      row.counts = static_cast<ImportRow::Counts>(query.Int(2));
      CONNECTOR_ASSIGN_OR_RETURN(row.write, DecodeContactWrite(query.Bytes(3)));
      rows.push_back(std::move(row));
    }
  }));
  return rows;
}

absl::Status SqlStore::SettleImportRows(std::string_view connection, int64_t job_id,
                                        const std::vector<Settlement>& settlements,
                                        const std::vector<Failure>& failures,
                                        const RunUpdate* update) {
  return Write(connection, [&](SqlSession& session) -> absl::Status {
    if (update != nullptr) {
      CONNECTOR_RETURN_IF_ERROR(CommitProgress(session, *update).status());
    }
    CONNECTOR_RETURN_IF_ERROR(ReadHead(session, job_id).status());
    for (const Settlement& settlement : settlements) {
      CONNECTOR_RETURN_IF_ERROR(session.db().Execute(
          "DELETE FROM import_job_rows WHERE conn = ? AND job = ? AND contact = ?", session.conn(),
          job_id, settlement.state.key));
      CONNECTOR_RETURN_IF_ERROR(SettleContact(session, settlement, session.db().changes()));
    }
    return InsertFailures(session, failures);
  });
}

absl::Status SqlStore::CloseImport(std::string_view connection, int64_t job_id) {
  return Write(connection, [&](SqlSession& session) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(const JobHead head, ReadHead(session, job_id));
    CONNECTOR_ASSIGN_OR_RETURN(const int64_t run,
                               UnfinishedRunNumber(session.db(), session.conn(), head.run_id));
    CONNECTOR_ASSIGN_OR_RETURN(const std::vector<int64_t> left, ContactsIn(session, job_id));
    for (const int64_t contact : left) {
      CONNECTOR_RETURN_IF_ERROR(ReopenMark(session, contact, run));
    }
    CONNECTOR_RETURN_IF_ERROR(session.db().Execute(
        "DELETE FROM import_job_rows WHERE conn = ? AND job = ?", session.conn(), job_id));
    return session.db().Execute("DELETE FROM import_jobs WHERE conn = ? AND id = ?", session.conn(),
                                job_id);
  });
}

}  // namespace connector::store
