// SqlStore: folding pages of Pipedrive organizations.

#include "base/status.h"
#include "model/wire.h"
#include "store/sql_folds.h"
#include "store/sql_marks.h"
#include "store/sql_run_rows.h"
#include "store/sql_session.h"
#include "store/sql_store.h"

namespace connector::store {
namespace {

enum class Change { kFresh, kChanged, kUnchanged, kStale };

absl::StatusOr<Change> Compare(SqlSession& session, const Organization& organization,
                               std::string_view body) {
  SqlQuery query =
      session.db().Query("SELECT updated_at, body FROM organizations WHERE conn = ? AND id = ?",
                         session.conn(), organization.id);
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  if (!found) return Change::kFresh;
  const std::optional<Time> updated_at = query.OptionalInstant(0);
  if (updated_at && organization.update_time && *organization.update_time < *updated_at) {
    return Change::kStale;
  }
  return query.Bytes(1) == body ? Change::kUnchanged : Change::kChanged;
}

}  // namespace

absl::Status MarkContactsOfOrganization(SqlSession& session, int64_t organization,
                                        const Folding& folding) {
  SqlQuery query = session.db().Query(
      "SELECT contact FROM persons INDEXED BY persons_by_org WHERE conn = ? AND org = ? AND "
      "contact IS NOT NULL",
      session.conn(), organization);
  while (true) {
    CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
    if (!more) return absl::OkStatus();
    CONNECTOR_RETURN_IF_ERROR(MarkContact(session, query.Int(0), folding.run, folding.urgency));
  }
}

absl::Status FoldOrganization(SqlSession& session, const Organization& organization,
                              const Folding& folding, FoldCounts& counts) {
  const std::string body = Encode(organization);
  CONNECTOR_ASSIGN_OR_RETURN(const Change change, Compare(session, organization, body));
  switch (change) {
    case Change::kStale:
      ++counts.stale;
      return absl::OkStatus();
    case Change::kUnchanged:
      ++counts.unchanged;
      return absl::OkStatus();
    case Change::kFresh:
      ++counts.fresh;
      break;
    case Change::kChanged:
      ++counts.changed;
      break;
  }
  CONNECTOR_RETURN_IF_ERROR(session.db().Execute(
      "INSERT INTO organizations (conn, id, updated_at, deleted, body) VALUES (?, ?, ?, ?, ?) "
      "ON CONFLICT (conn, id) DO UPDATE SET updated_at = excluded.updated_at, "
      "deleted = excluded.deleted, body = excluded.body",
      session.conn(), organization.id, organization.update_time, organization.is_deleted,
      Blob{body}));
  return MarkContactsOfOrganization(session, organization.id, folding);
}

absl::StatusOr<FoldCounts> SqlStore::FinishOrganizationsPage(
    const RunUpdate& update, const Cursor& cursor, const std::vector<Organization>& page) {
  FoldCounts counts;
  const absl::Status done =
      Write(update.lease.connection, [&](SqlSession& session) -> absl::Status {
        counts = {};
        CONNECTOR_ASSIGN_OR_RETURN(const int64_t run, CommitProgress(session, update));
        for (const Organization& organization : page) {
          CONNECTOR_RETURN_IF_ERROR(FoldOrganization(session, organization, {.run = run}, counts));
        }
        return SaveCursor(session, run, "organizations", cursor);
      });
  if (!done.ok()) return done;
  return counts;
}

absl::StatusOr<FoldCounts> SqlStore::FinishAllOrganizationsPage(
    const RunUpdate& update, std::string_view walk, const Cursor& cursor,
    const std::vector<Organization>& page) {
  FoldCounts counts;
  const absl::Status done =
      Write(update.lease.connection, [&](SqlSession& session) -> absl::Status {
        counts = {};
        CONNECTOR_ASSIGN_OR_RETURN(const int64_t run, CommitProgress(session, update));
        for (const Organization& organization : page) {
          CONNECTOR_RETURN_IF_ERROR(FoldOrganization(session, organization, {.run = run}, counts));
          CONNECTOR_RETURN_IF_ERROR(
              session.db().Execute("UPDATE organizations SET seen = ? WHERE conn = ? AND id = ?",
                                   run, session.conn(), organization.id));
        }
        return SaveCursor(session, run, walk, cursor);
      });
  if (!done.ok()) return done;
  return counts;
}

absl::StatusOr<std::vector<int64_t>> SqlStore::OrganizationsNotSeen(const RunLease& lease,
                                                                    int64_t after_id, int limit) {
  std::vector<int64_t> ids;
  CONNECTOR_RETURN_IF_ERROR(
      Read(lease.connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
        CONNECTOR_ASSIGN_OR_RETURN(const int64_t run, RunNumber(db, conn, lease.run_id));
        SqlQuery query = db.Query(
            "SELECT id FROM organizations WHERE conn = ? AND id > ? AND seen <> ? AND "
            "deleted = 0 ORDER BY id LIMIT ?",
            conn, after_id, run, limit);
        while (true) {
          CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
          if (!more) return absl::OkStatus();
          ids.push_back(query.Int(0));
        }
      }));
  return ids;
}

absl::StatusOr<std::vector<int64_t>> SqlStore::PersonsOfOrganization(std::string_view connection,
                                                                     int64_t organization,
                                                                     int limit) {
  std::vector<int64_t> ids;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    SqlQuery query = db.Query(
        "SELECT id FROM persons INDEXED BY persons_by_org WHERE conn = ? AND org = ? AND "
        "deleted = 0 ORDER BY id LIMIT ?",
        conn, organization, limit);
    while (true) {
      CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
      if (!more) return absl::OkStatus();
      ids.push_back(query.Int(0));
    }
  }));
  return ids;
}

absl::StatusOr<std::vector<int64_t>> SqlStore::UnknownOrganizations(
    std::string_view connection, const std::vector<int64_t>& ids) {
  std::vector<int64_t> unknown;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    for (const int64_t id : ids) {
      SqlQuery query = db.Query("SELECT 1 FROM organizations WHERE conn = ? AND id = ?", conn, id);
      CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
      if (!found) unknown.push_back(id);
    }
    return absl::OkStatus();
  }));
  return unknown;
}

}  // namespace connector::store
