// SqlStore: erasing persons on request.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "model/wire.h"
#include "model/wire_format.h"
#include "store/sql_database.h"
#include "store/sql_session.h"
#include "store/sql_settle.h"
#include "store/sql_store.h"
#include "store/tombstones.h"

namespace connector::store {
namespace {

std::string Encode(const ErasureTarget& target) {
  wire::Writer out(128);
  out.Signed(target.contact_key);
  out.Signed(target.brevo_id);
  out.Numbers(target.person_ids);
  out.Texts(target.emails);
  out.Texts(target.ext_ids);
  return out.Finish();
}

absl::StatusOr<ErasureTarget> DecodeTarget(std::string_view body) {
  ErasureTarget target;
  if (body.empty()) return target;
  wire::Reader in(body);
  target.contact_key = in.Signed();
  target.brevo_id = in.Signed();
  target.person_ids = in.Numbers();
  target.emails = in.Texts();
  target.ext_ids = in.Texts();
  CONNECTOR_RETURN_IF_ERROR(wire::ReadStatus(in, "an erasure"));
  return target;
}

bool IsFinished(const Erasure& erasure) {
  return erasure.here != ErasureOutcome::kPending &&
         erasure.pipedrive != ErasureOutcome::kPending && erasure.brevo != ErasureOutcome::kPending;
}

absl::StatusOr<Erasure> ReadErasure(const SqlQuery& query) {
  Erasure erasure;
  erasure.id = query.Text(0);
  erasure.requested_at = query.Instant(1);
  erasure.finished_at = query.OptionalInstant(2);
  erasure.here = static_cast<ErasureOutcome>(query.Int(3));
  erasure.pipedrive = static_cast<ErasureOutcome>(query.Int(4));
  erasure.brevo = static_cast<ErasureOutcome>(query.Int(5));
  CONNECTOR_ASSIGN_OR_RETURN(erasure.target, DecodeTarget(query.Bytes(6)));
  return erasure;
}

absl::Status Put(SqlSession& session, const Erasure& erasure) {
  const std::string target = erasure.finished_at ? "" : Encode(erasure.target);
  return session.db().Execute(
      "INSERT INTO erasures (conn, id, requested_at, finished_at, here, pipedrive, brevo, target) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (conn, id) DO UPDATE SET "
      "finished_at = ?4, here = ?5, pipedrive = ?6, brevo = ?7, target = ?8",
      session.conn(), erasure.id, erasure.requested_at, erasure.finished_at,
      static_cast<int>(erasure.here), static_cast<int>(erasure.pipedrive),
      static_cast<int>(erasure.brevo), Blob{target});
}

absl::StatusOr<bool> IsOnItsWay(SqlSession& session, int64_t contact, Time now) {
  SqlQuery query = session.db().Query(
      "SELECT 1 FROM marks WHERE conn = ? AND contact = ? AND (jobs > 0 OR lease_until > ?)",
      session.conn(), contact, now);
  return query.Next();
}

// What dry runs showed of them.
absl::Status PurgePlans(SqlSession& session, const ErasureTarget& target) {
  std::vector<std::pair<int64_t, int64_t>> found;
  {
    SqlQuery query =
        session.db().Query("SELECT run, sequence, body FROM plans WHERE conn = ?", session.conn());
    while (true) {
      CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
      if (!more) break;
      CONNECTOR_ASSIGN_OR_RETURN(const PlannedChange change, DecodePlannedChange(query.Bytes(2)));
      const auto& ids = target.person_ids;
      const auto& emails = target.emails;
      if (std::find(ids.begin(), ids.end(), change.person_id) != ids.end() ||
          std::find(emails.begin(), emails.end(), change.email) != emails.end()) {
        found.emplace_back(query.Int(0), query.Int(1));
      }
    }
  }
  for (const auto& [run, sequence] : found) {
    CONNECTOR_RETURN_IF_ERROR(
        session.db().Execute("DELETE FROM plans WHERE conn = ? AND run = ? AND sequence = ?",
                             session.conn(), run, sequence));
  }
  return absl::OkStatus();
}

absl::Status PurgePerson(SqlSession& session, int64_t person) {
  SqlHandle& db = session.db();
  const int64_t conn = session.conn();
  const std::string id = absl::StrCat(person);
  CONNECTOR_RETURN_IF_ERROR(db.Execute("DELETE FROM inbox WHERE conn = ? AND lane = ?", conn,
                                       std::string_view(absl::StrCat("person/", person))));
  CONNECTOR_RETURN_IF_ERROR(
      db.Execute("DELETE FROM outbox WHERE conn = ? AND person = ?", conn, person));
  CONNECTOR_RETURN_IF_ERROR(
      db.Execute("DELETE FROM failures WHERE conn = ? AND entity = 'person' AND entity_id = ?",
                 conn, std::string_view(id)));
  CONNECTOR_RETURN_IF_ERROR(
      db.Execute("DELETE FROM deals WHERE conn = ? AND person = ?", conn, person));
  CONNECTOR_RETURN_IF_ERROR(
      db.Execute("DELETE FROM leads WHERE conn = ? AND person = ?", conn, person));
  return db.Execute("DELETE FROM persons WHERE conn = ? AND id = ?", conn, person);
}

absl::Status Purge(SqlSession& session, const ErasureTarget& target) {
  for (const int64_t person : target.person_ids) {
    CONNECTOR_RETURN_IF_ERROR(PurgePerson(session, person));
  }
  for (const std::string& email : target.emails) {
    CONNECTOR_RETURN_IF_ERROR(session.db().Execute(
        "DELETE FROM failures WHERE conn = ? AND lower(entity_id) = ?", session.conn(), email));
  }
  CONNECTOR_RETURN_IF_ERROR(PurgePlans(session, target));
  if (target.contact_key == 0) return absl::OkStatus();
  CONNECTOR_RETURN_IF_ERROR(
      session.db().Execute("DELETE FROM import_job_rows WHERE conn = ? AND contact = ?",
                           session.conn(), target.contact_key));
  return ForgetContact(session, target.contact_key);
}

absl::Status PutTombstones(SqlSession& session, const Erasure& erasure) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::string key, MakeTombstoneKey(session.db(), session.conn()));
  for (const auto* identifiers : {&erasure.target.emails, &erasure.target.ext_ids}) {
    for (const std::string& identifier : *identifiers) {
      CONNECTOR_RETURN_IF_ERROR(
          PutTombstone(session.db(), session.conn(), TombstoneOf(key, identifier), erasure.id));
    }
  }
  return absl::OkStatus();
}

constexpr Sql kSelectById =
    "SELECT id, requested_at, finished_at, here, pipedrive, brevo, target FROM erasures "
    "WHERE conn = ? AND id = ?";

}  // namespace

absl::StatusOr<Erasure> SqlStore::BeginErasure(std::string_view connection, const Erasure& erasure,
                                               Time now) {
  Erasure begun = erasure;
  const bool known = erasure.target.contact_key != 0 || !erasure.target.person_ids.empty();
  begun.here = known ? ErasureOutcome::kDeleted : ErasureOutcome::kNotFound;
  const absl::Status done = Write(connection, [&](SqlSession& session) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(const bool on_its_way,
                               IsOnItsWay(session, erasure.target.contact_key, now));
    if (on_its_way) return absl::AbortedError("the contact is being written");
    // Freed pages are overwritten, so that the file does not keep what was deleted.
    CONNECTOR_RETURN_IF_ERROR(session.db().Script("PRAGMA secure_delete = ON"));
    CONNECTOR_RETURN_IF_ERROR(PutTombstones(session, erasure));
    CONNECTOR_RETURN_IF_ERROR(Purge(session, erasure.target));
    return Put(session, begun);
  });
  if (!done.ok()) return done;
  return begun;
}

absl::StatusOr<Erasure> SqlStore::SaveErasure(std::string_view connection, const Erasure& erasure,
                                              Time now) {
  Erasure saved = erasure;
  if (IsFinished(saved)) {
    saved.finished_at = now;
    saved.target = {};
  }
  const absl::Status done =
      Write(connection, [&](SqlSession& session) { return Put(session, saved); });
  if (!done.ok()) return done;
  return saved;
}

absl::StatusOr<std::optional<Erasure>> SqlStore::FindErasure(std::string_view connection,
                                                             std::string_view identifier) {
  std::optional<Erasure> erasure;
  const absl::Status done = Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(const std::string id, FindTombstone(db, conn, identifier));
    if (id.empty()) return absl::OkStatus();
    SqlQuery query = db.Query(kSelectById, conn, id);
    CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
    if (!found) return absl::OkStatus();
    CONNECTOR_ASSIGN_OR_RETURN(erasure, ReadErasure(query));
    return absl::OkStatus();
  });
  if (!done.ok()) return done;
  return erasure;
}

absl::StatusOr<std::vector<Erasure>> SqlStore::UnfinishedErasures(std::string_view connection,
                                                                  int limit) {
  std::vector<Erasure> erasures;
  const absl::Status done = Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    SqlQuery query = db.Query(
        "SELECT id, requested_at, finished_at, here, pipedrive, brevo, target FROM erasures "
        "INDEXED BY erasures_unfinished WHERE conn = ? AND finished_at IS NULL "
        "ORDER BY requested_at LIMIT ?",
        conn, limit);
    while (true) {
      CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
      if (!more) return absl::OkStatus();
      CONNECTOR_ASSIGN_OR_RETURN(Erasure erasure, ReadErasure(query));
      erasures.push_back(std::move(erasure));
    }
  });
  if (!done.ok()) return done;
  return erasures;
}

}  // namespace connector::store
