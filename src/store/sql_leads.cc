// SqlStore: the table of leads.

#include "store/sql_leads.h"

#include "base/status.h"
#include "model/wire.h"
#include "store/sql_run_rows.h"
#include "store/sql_store.h"

namespace connector::store {
namespace {

struct StoredLead {
  std::optional<int64_t> person;
  std::optional<int64_t> org;
  std::optional<Time> updated_at;
  bool open = false;
  bool same_body = false;
};

absl::StatusOr<std::optional<StoredLead>> ReadLead(SqlSession& session, std::string_view id,
                                                   std::string_view body) {
  SqlQuery query = session.db().Query(
      "SELECT person, org, updated_at, open, body FROM leads WHERE conn = ? AND id = ?",
      session.conn(), id);
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  if (!found) return std::nullopt;
  return StoredLead{query.OptionalInt(0), query.OptionalInt(1), query.OptionalInstant(2),
                    query.Int(3) != 0, query.Bytes(4) == body};
}

absl::Status WriteLead(SqlSession& session, const Lead& lead, std::optional<Time> updated_at,
                       int64_t seen, std::string_view body) {
  return session.db().Execute(
      "INSERT INTO leads (conn, id, person, org, open, deleted, updated_at, seen, body) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (conn, id) DO UPDATE SET person = excluded.person, org = excluded.org, "
      "open = excluded.open, deleted = excluded.deleted, updated_at = excluded.updated_at, "
      "seen = MAX(leads.seen, excluded.seen), body = excluded.body",
      session.conn(), lead.id, lead.person_id, lead.org_id, IsOpen(lead), lead.is_deleted,
      updated_at, seen, Blob{body});
}

absl::Status NoteSeen(SqlSession& session, std::string_view id, int64_t run) {
  if (run == 0) return absl::OkStatus();
  return session.db().Execute("UPDATE leads SET seen = ? WHERE conn = ? AND id = ?", run,
                              session.conn(), id);
}

absl::Status MarkOwners(SqlSession& session, std::optional<int64_t> person,
                        std::optional<int64_t> org, const Folding& folding) {
  if (person) return MarkContactOfPerson(session, *person, folding);
  return org ? MarkContactsOfOrganization(session, *org, folding) : absl::OkStatus();
}

absl::Status MarkAffected(SqlSession& session, const std::optional<StoredLead>& known,
                          const Lead& lead, const Folding& folding) {
  if (known && known->open) {
    CONNECTOR_RETURN_IF_ERROR(MarkOwners(session, known->person, known->org, folding));
  }
  return IsOpen(lead) ? MarkOwners(session, lead.person_id, lead.org_id, folding)
                      : absl::OkStatus();
}

absl::Status AddLeads(SqlQuery query, LeadFacts& facts) {
  while (true) {
    CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
    if (!more) return absl::OkStatus();
    CONNECTOR_ASSIGN_OR_RETURN(const Lead lead, DecodeLead(query.Bytes(0)));
    AddLead(facts, lead);
  }
}

}  // namespace

absl::Status FoldLead(SqlSession& session, const Lead& told, const Folding& folding, bool sees_all,
                      LeadFold& counts) {
  const int64_t seen_by = sees_all ? folding.run : 0;
  Lead lead = told;
  lead.custom_fields.clear();  // nothing reads them
  const std::string body = Encode(lead);
  CONNECTOR_ASSIGN_OR_RETURN(const std::optional<StoredLead> known,
                             ReadLead(session, lead.id, body));
  if (known && known->updated_at && lead.update_time && *lead.update_time < *known->updated_at) {
    ++counts.stale;
    return NoteSeen(session, lead.id, seen_by);
  }
  if (known && known->same_body) {
    ++counts.unchanged;
    return NoteSeen(session, lead.id, seen_by);
  }
  ++(known ? counts.changed : counts.fresh);
  const std::optional<Time> updated_at =
      lead.update_time || !known ? lead.update_time : known->updated_at;
  CONNECTOR_RETURN_IF_ERROR(WriteLead(session, lead, updated_at, seen_by, body));
  return MarkAffected(session, known, lead, folding);
}

absl::StatusOr<bool> KnowsLeads(SqlHandle& db, int64_t conn) {
  SqlQuery query = db.Query("SELECT 1 FROM watermarks WHERE conn = ? AND name = ? AND value <> ''",
                            conn, kLeadsSince);
  return query.Next();
}

absl::StatusOr<LeadFacts> LeadsOfPerson(SqlHandle& db, int64_t conn, const Person& person) {
  LeadFacts facts;
  CONNECTOR_RETURN_IF_ERROR(AddLeads(db.Query("SELECT body FROM leads INDEXED BY leads_by_person "
                                              "WHERE conn = ? AND person = ? AND open = 1",
                                              conn, person.id),
                                     facts));
  if (!person.org_id) return facts;
  CONNECTOR_RETURN_IF_ERROR(
      AddLeads(db.Query("SELECT body FROM leads INDEXED BY leads_by_org "
                        "WHERE conn = ? AND org = ? AND person IS NULL AND open = 1",
                        conn, *person.org_id),
               facts));
  return facts;
}

absl::StatusOr<LeadFold> SqlStore::FinishLeadsPage(const RunUpdate& update, std::string_view walk,
                                                   const Cursor& cursor,
                                                   const std::vector<Lead>& page, bool sees_all) {
  LeadFold counts;
  const absl::Status done =
      Write(update.lease.connection, [&](SqlSession& session) -> absl::Status {
        counts = {};
        Folding folding;
        CONNECTOR_ASSIGN_OR_RETURN(folding.run, CommitProgress(session, update));
        for (const Lead& lead : page) {
          CONNECTOR_RETURN_IF_ERROR(FoldLead(session, lead, folding, sees_all, counts));
        }
        return SaveCursor(session, folding.run, walk, cursor);
      });
  if (!done.ok()) return done;
  return counts;
}

absl::StatusOr<std::vector<std::string>> SqlStore::LeadsNotSeen(const RunLease& lease,
                                                                std::string_view after_id,
                                                                int limit) {
  std::vector<std::string> ids;
  CONNECTOR_RETURN_IF_ERROR(
      Read(lease.connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
        CONNECTOR_ASSIGN_OR_RETURN(const int64_t run, RunNumber(db, conn, lease.run_id));
        SqlQuery query = db.Query(
            "SELECT id FROM leads WHERE conn = ? AND id > ? AND seen <> ? AND deleted = 0 "
            "ORDER BY id LIMIT ?",
            conn, after_id, run, limit);
        while (true) {
          CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
          if (!more) return absl::OkStatus();
          ids.push_back(query.Text(0));
        }
      }));
  return ids;
}

absl::StatusOr<std::optional<Lead>> SqlStore::FindLead(std::string_view connection,
                                                       std::string_view id) {
  std::optional<Lead> lead;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    SqlQuery query = db.Query("SELECT body FROM leads WHERE conn = ? AND id = ?", conn, id);
    CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
    if (!found) return absl::OkStatus();
    CONNECTOR_ASSIGN_OR_RETURN(lead, DecodeLead(query.Bytes(0)));
    return absl::OkStatus();
  }));
  return lead;
}

}  // namespace connector::store
