// SqlStore: leasing dirty contacts and settling them.

#include "base/status.h"
#include "store/sql_bundles.h"
#include "store/sql_contacts.h"
#include "store/sql_run_rows.h"
#include "store/sql_session.h"
#include "store/sql_settle.h"
#include "store/sql_store.h"

namespace connector::store {
namespace {

absl::Status ReadBundle(const SqlQuery& query, std::vector<ContactBundle>& bundles) {
  ContactBundle bundle;
  bundle.version = query.Int(1);
  bundle.marked_at = query.Instant(3);
  CONNECTOR_ASSIGN_OR_RETURN(bundle.state, DecodeContact(query.Int(0), query.Bytes(2)));
  bundles.push_back(std::move(bundle));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ContactBundle>> SelectDue(SqlSession& session, int64_t run,
                                                     const MarkFilter& filter, Time now) {
  // run = 0 is written out for the index of free marks to be used.
  constexpr Sql kFree =
      "SELECT m.contact, m.version, c.body, m.marked_at FROM marks m INDEXED BY free_marks "
      "JOIN contacts c ON c.conn = m.conn AND c.key = m.contact "
      "WHERE m.conn = ?1 AND m.run = 0 AND ?2 = 0 AND ?6 <= 1 AND m.contact > ?3 AND m.contact <= "
      "?7  AND m.version > 0 "
      "AND m.jobs = 0 AND m.not_before <= ?4 AND m.lease_until <= ?4 ORDER BY m.contact LIMIT ?5";
  constexpr Sql kLive =
      "SELECT m.contact, m.version, c.body, m.marked_at FROM marks m INDEXED BY live_marks "
      "JOIN contacts c ON c.conn = m.conn AND c.key = m.contact "
      "WHERE m.conn = ?1 AND m.run = 0 AND m.urgency > 0 AND m.urgency = ?2 AND m.contact > ?3 "
      "AND m.version > 0 AND m.jobs = 0 AND m.not_before <= ?4 AND m.lease_until <= ?4 "
      "ORDER BY m.contact LIMIT ?5";
  constexpr Sql kHeld =
      "SELECT m.contact, m.version, c.body, m.marked_at FROM marks m "
      "JOIN contacts c ON c.conn = m.conn AND c.key = m.contact "
      "WHERE m.conn = ?1 AND (m.run = ?2 OR (?6 <> 0 AND m.run = 0)) AND m.contact > ?3 AND "
      "m.contact "
      "<= ?7  "
      "AND m.version > 0 AND m.jobs = 0 AND m.not_before <= ?4 AND m.lease_until <= ?4 "
      "ORDER BY m.contact LIMIT ?5";
  std::vector<ContactBundle> bundles;
  const bool live = run == 0 && filter.urgency.has_value();
  SqlQuery query =
      live ? session.db().Query(kLive, session.conn(), static_cast<int>(*filter.urgency),
                                filter.after_key, now, filter.limit)
           : session.db().Query(run == 0 ? kFree : kHeld, session.conn(), run, filter.after_key,
                                now, filter.limit, filter.with_free, filter.last_key);
  while (true) {
    CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
    if (!more) return bundles;
    CONNECTOR_RETURN_IF_ERROR(ReadBundle(query, bundles));
  }
}

absl::Status LeaseAll(SqlSession& session, std::vector<ContactBundle>& bundles,
                      std::string_view run_id, std::string_view owner, Time until) {
  CONNECTOR_ASSIGN_OR_RETURN(BundleReader reader,
                             BundleReader::Begin(session.db(), session.conn()));
  for (ContactBundle& bundle : bundles) {
    bundle.run_id = run_id;
    CONNECTOR_RETURN_IF_ERROR(
        session.db().Execute("UPDATE marks SET lease_until = ?, lease_owner = ? "
                             "WHERE conn = ? AND contact = ?",
                             until, owner, session.conn(), bundle.state.key));
    CONNECTOR_RETURN_IF_ERROR(reader.Complete(bundle));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int64_t> SqlStore::CountMarks(std::string_view connection, std::string_view run_id) {
  int64_t count = 0;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    constexpr Sql kFree =
        "SELECT count(*) FROM marks INDEXED BY free_marks "
        "WHERE conn = ?1 AND run = 0 AND ?2 = 0 AND version > 0 AND jobs = 0";
    constexpr Sql kHeld =
        "SELECT count(*) FROM marks WHERE conn = ?1 AND run = ?2 AND version > 0 AND jobs = 0";
    int64_t run = 0;
    if (!run_id.empty()) {
      CONNECTOR_ASSIGN_OR_RETURN(run, UnfinishedRunNumber(db, conn, run_id));
      if (run == 0) return absl::OkStatus();
    }
    SqlQuery query = db.Query(run == 0 ? kFree : kHeld, conn, run);
    CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
    if (found) count = query.Int(0);
    return absl::OkStatus();
  }));
  return count;
}

// The owner is kept for prolonging and releasing alone. Whoever settles proves by the mark's
// version that it saw the newest state, and a contact whose lease ran out is simply planned again.
absl::StatusOr<std::vector<ContactBundle>> SqlStore::LeaseContacts(std::string_view connection,
                                                                   const MarkFilter& filter,
                                                                   std::string_view owner, Time now,
                                                                   Duration lease) {
  std::vector<ContactBundle> bundles;
  CONNECTOR_RETURN_IF_ERROR(Write(connection, [&](SqlSession& session) -> absl::Status {
    int64_t run = 0;
    if (!filter.run_id.empty()) {
      CONNECTOR_ASSIGN_OR_RETURN(run,
                                 UnfinishedRunNumber(session.db(), session.conn(), filter.run_id));
      if (run == 0) return absl::OkStatus();
    }
    CONNECTOR_ASSIGN_OR_RETURN(bundles, SelectDue(session, run, filter, now));
    return LeaseAll(session, bundles, filter.run_id, owner, now + lease);
  }));
  return bundles;
}

absl::StatusOr<std::optional<ContactBundle>> SqlStore::BundleOfPerson(std::string_view connection,
                                                                      int64_t person_id,
                                                                      int64_t without_deal) {
  std::optional<ContactBundle> bundle;
  const absl::Status done = Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    int64_t key = 0;
    {
      SqlQuery query =
          db.Query("SELECT contact FROM persons WHERE conn = ? AND id = ?", conn, person_id);
      CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
      if (found) key = query.Int(0);
    }
    CONNECTOR_ASSIGN_OR_RETURN(std::optional<StoredContact> contact, ReadContact(db, conn, key));
    if (!contact) return absl::OkStatus();
    bundle.emplace().state = std::move(contact->state);
    CONNECTOR_ASSIGN_OR_RETURN(BundleReader reader, BundleReader::Begin(db, conn));
    return reader.Complete(*bundle, without_deal);
  });
  if (!done.ok()) return done;
  return bundle;
}

absl::StatusOr<std::vector<bool>> SqlStore::ClaimIdentifiers(std::string_view connection,
                                                             const std::vector<Claim>& claims) {
  std::vector<bool> granted;
  if (claims.empty()) return granted;
  CONNECTOR_RETURN_IF_ERROR(Write(connection, [&](SqlSession& session) -> absl::Status {
    granted.clear();
    for (const Claim& claim : claims) {
      CONNECTOR_ASSIGN_OR_RETURN(const bool taken,
                                 TakeIdentifier(session, claim.contact_key, claim.identifier));
      granted.push_back(taken);
    }
    return absl::OkStatus();
  }));
  return granted;
}

absl::Status SqlStore::SettleContacts(std::string_view connection,
                                      const std::vector<Settlement>& settlements,
                                      const std::vector<Failure>& failures,
                                      const RunUpdate* update) {
  return Write(connection, [&](SqlSession& session) -> absl::Status {
    if (update != nullptr) {
      CONNECTOR_RETURN_IF_ERROR(CommitProgress(session, *update).status());
    }
    for (const Settlement& settlement : settlements) {
      CONNECTOR_RETURN_IF_ERROR(SettleContact(session, settlement, /*open_rows=*/0));
    }
    return InsertFailures(session, failures);
  });
}

absl::StatusOr<std::optional<ContactState>> SqlStore::FindContact(std::string_view connection,
                                                                  const Identifier& identifier) {
  std::optional<ContactState> state;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(const int64_t key,
                               FindOwner(db, conn, identifier.kind, identifier.value));
    if (key == 0) return absl::OkStatus();
    CONNECTOR_ASSIGN_OR_RETURN(std::optional<StoredContact> contact, ReadContact(db, conn, key));
    if (contact) state = std::move(contact->state);
    return absl::OkStatus();
  }));
  return state;
}

absl::StatusOr<std::vector<ContactState>> SqlStore::GetContacts(std::string_view connection,
                                                                const std::vector<int64_t>& keys) {
  std::vector<ContactState> states;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    for (const int64_t key : keys) {
      CONNECTOR_ASSIGN_OR_RETURN(std::optional<StoredContact> contact, ReadContact(db, conn, key));
      if (contact) states.push_back(std::move(contact->state));
    }
    return absl::OkStatus();
  }));
  return states;
}

}  // namespace connector::store
