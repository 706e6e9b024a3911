// SqlStore: what a run of everything has seen.

#include <algorithm>

#include "base/status.h"
#include "model/wire_format.h"
#include "store/sql_run_rows.h"
#include "store/sql_session.h"
#include "store/sql_store.h"

namespace connector::store {
namespace {

constexpr size_t kBytesPerId = 2;  // of ascending ids, as differences

SqlQuery StoredAfter(SqlHandle& db, int64_t conn, Sighted what, int64_t after_id, int limit) {
  if (what == Sighted::kPersons) {
    return db.Query(
        "SELECT id FROM persons WHERE conn = ? AND id > ? AND deleted = 0 ORDER BY id LIMIT ?",
        conn, after_id, limit);
  }
  return db.Query(
      "SELECT brevo_id FROM contacts WHERE conn = ? AND brevo_id > ? AND brevo_id <> 0 "
      "ORDER BY brevo_id LIMIT ?",
      conn, after_id, limit);
}

// Takes out what one noted page holds.
absl::Status TakeOut(std::string_view noted, std::vector<int64_t>& ids) {
  wire::Reader in(noted);
  const std::vector<int64_t> seen = in.Numbers();
  if (in.failed()) return absl::DataLossError("a page of sightings can't be read");
  std::erase_if(ids,
                [&seen](int64_t id) { return std::binary_search(seen.begin(), seen.end(), id); });
  return absl::OkStatus();
}

}  // namespace

absl::Status SqlStore::NoteSeen(const RunLease& lease, Sighted what, std::vector<int64_t> ids) {
  if (ids.empty()) return absl::OkStatus();
  std::sort(ids.begin(), ids.end());
  wire::Writer out(ids.size() * kBytesPerId);
  out.Numbers(ids);
  const std::string noted = out.Finish();
  return Write(lease.connection, [&](SqlSession& session) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(const int64_t run, LeasedRun(session.db(), session.conn(), lease));
    CONNECTOR_RETURN_IF_ERROR(session.db().Execute(
        "DELETE FROM sightings WHERE conn = ? AND run < ?", session.conn(), run));
    return session.db().Execute(
        "INSERT INTO sightings (conn, run, what, first_id, last_id, ids) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (conn, run, what, first_id, last_id) DO UPDATE SET ids = excluded.ids",
        session.conn(), run, static_cast<int>(what), ids.front(), ids.back(), Blob{noted});
  });
}

absl::StatusOr<UnseenPage> SqlStore::UnseenAfter(const RunLease& lease, Sighted what,
                                                 int64_t after_id, int limit) {
  UnseenPage page;
  const absl::Status done =
      Read(lease.connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
        page = {};
        CONNECTOR_ASSIGN_OR_RETURN(const int64_t run, RunNumber(db, conn, lease.run_id));
        SqlQuery stored = StoredAfter(db, conn, what, after_id, limit);
        while (true) {
          CONNECTOR_ASSIGN_OR_RETURN(const bool more, stored.Next());
          if (!more) break;
          page.ids.push_back(stored.Int(0));
        }
        if (page.ids.empty()) return absl::OkStatus();
        page.compared = static_cast<int64_t>(page.ids.size());
        page.last_id = page.ids.back();
        SqlQuery noted = db.Query(
            "SELECT ids FROM sightings WHERE conn = ? AND run = ? AND what = ? AND first_id <= ? "
            "AND last_id >= ?",
            conn, run, static_cast<int>(what), page.last_id, page.ids.front());
        while (true) {
          CONNECTOR_ASSIGN_OR_RETURN(const bool more, noted.Next());
          if (!more) return absl::OkStatus();
          CONNECTOR_RETURN_IF_ERROR(TakeOut(noted.Bytes(0), page.ids));
        }
      });
  if (!done.ok()) return done;
  return page;
}

}  // namespace connector::store
