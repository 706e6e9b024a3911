// SqliteStore: leasing dirty contacts and settling them.

#include "absl/container/flat_hash_map.h"
#include "base/status.h"
#include "model/wire.h"
#include "store/sqlite_contacts.h"
#include "store/sqlite_deals.h"
#include "store/sqlite_leads.h"
#include "store/sqlite_run_rows.h"
#include "store/sqlite_session.h"
#include "store/sqlite_settle.h"
#include "store/sqlite_store.h"

namespace connector::store {
namespace {

// Organizations of the contacts of one lease: many persons share one.
using OrganizationCache = absl::flat_hash_map<int64_t, std::optional<Organization>>;

absl::Status ReadBundle(const SqliteQuery& query, std::vector<ContactBundle>& bundles) {
  ContactBundle bundle;
  bundle.version = query.Int(1);
  CONNECTOR_ASSIGN_OR_RETURN(bundle.state, DecodeContact(query.Int(0), query.Bytes(2)));
  bundles.push_back(std::move(bundle));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ContactBundle>> SelectDue(SqliteSession& session, int64_t run,
                                                     const MarkFilter& filter, Time now) {
  // run = 0 is written out for the index of free marks to be used.
  constexpr Sql kFree =
      "SELECT m.contact, m.version, c.body FROM marks m INDEXED BY free_marks "
      "JOIN contacts c ON c.conn = m.conn AND c.key = m.contact "
      "WHERE m.conn = ?1 AND m.run = 0 AND ?2 = 0 AND ?6 <= 1 AND m.contact > ?3 AND m.contact <= "
      "?7  AND m.version > 0 "
      "AND m.jobs = 0 AND m.not_before <= ?4 AND m.lease_until <= ?4 ORDER BY m.contact LIMIT ?5";
  constexpr Sql kLive =
      "SELECT m.contact, m.version, c.body FROM marks m INDEXED BY live_marks "
      "JOIN contacts c ON c.conn = m.conn AND c.key = m.contact "
      "WHERE m.conn = ?1 AND m.run = 0 AND m.urgency > 0 AND m.urgency = ?2 AND m.contact > ?3 "
      "AND m.version > 0 AND m.jobs = 0 AND m.not_before <= ?4 AND m.lease_until <= ?4 "
      "ORDER BY m.contact LIMIT ?5";
  constexpr Sql kHeld =
      "SELECT m.contact, m.version, c.body FROM marks m "
      "JOIN contacts c ON c.conn = m.conn AND c.key = m.contact "
      "WHERE m.conn = ?1 AND (m.run = ?2 OR (?6 AND m.run = 0)) AND m.contact > ?3 AND m.contact "
      "<= ?7  "
      "AND m.version > 0 AND m.jobs = 0 AND m.not_before <= ?4 AND m.lease_until <= ?4 "
      "ORDER BY m.contact LIMIT ?5";
  std::vector<ContactBundle> bundles;
  const bool live = run == 0 && filter.urgency.has_value();
  SqliteQuery query =
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

absl::Status AddPersons(SqliteHandle& db, int64_t conn, ContactBundle& bundle) {
  SqliteQuery query = db.Query(
      "SELECT body FROM persons INDEXED BY bindings WHERE conn = ? AND contact = ? AND deleted = 0 "
      "ORDER BY id",
      conn, bundle.state.key);
  while (true) {
    CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
    if (!more) return absl::OkStatus();
    CONNECTOR_ASSIGN_OR_RETURN(Person person, DecodePerson(query.Bytes(0)));
    bundle.persons.push_back(std::move(person));
  }
}

absl::StatusOr<std::optional<Organization>> ReadOrganization(SqliteHandle& db, int64_t conn,
                                                             int64_t id) {
  SqliteQuery query =
      db.Query("SELECT body FROM organizations WHERE conn = ? AND id = ?", conn, id);
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  if (!found) return std::nullopt;
  return DecodeOrganization(query.Bytes(0));
}

absl::Status AddOrganization(SqliteHandle& db, int64_t conn, OrganizationCache& cache,
                             ContactBundle& bundle) {
  if (bundle.persons.empty() || !bundle.persons.front().org_id) return absl::OkStatus();
  const int64_t id = *bundle.persons.front().org_id;
  auto known = cache.find(id);
  if (known == cache.end()) {
    CONNECTOR_ASSIGN_OR_RETURN(std::optional<Organization> organization,
                               ReadOrganization(db, conn, id));
    known = cache.emplace(id, std::move(organization)).first;
  }
  if (known->second) bundle.organizations.push_back(*known->second);
  return absl::OkStatus();
}

absl::Status AddDeals(SqliteHandle& db, int64_t conn, ContactBundle& bundle,
                      int64_t without_deal = 0) {
  bundle.deals_known = true;
  for (const Person& person : bundle.persons) {
    CONNECTOR_ASSIGN_OR_RETURN(DealFacts facts, FactsOfPerson(db, conn, person.id, without_deal));
    bundle.deals.push_back(std::move(facts));
  }
  return absl::OkStatus();
}

absl::Status AddLeads(SqliteHandle& db, int64_t conn, ContactBundle& bundle) {
  bundle.leads_known = true;
  for (const Person& person : bundle.persons) {
    CONNECTOR_ASSIGN_OR_RETURN(LeadFacts facts, LeadsOfPerson(db, conn, person));
    bundle.leads.push_back(std::move(facts));
  }
  return absl::OkStatus();
}

absl::Status LeaseAll(SqliteSession& session, std::vector<ContactBundle>& bundles,
                      std::string_view run_id, std::string_view owner, Time until) {
  OrganizationCache organizations;
  CONNECTOR_ASSIGN_OR_RETURN(const bool knows_deals, KnowsDeals(session.db(), session.conn()));
  CONNECTOR_ASSIGN_OR_RETURN(const bool knows_leads, KnowsLeads(session.db(), session.conn()));
  for (ContactBundle& bundle : bundles) {
    bundle.run_id = run_id;
    CONNECTOR_RETURN_IF_ERROR(
        session.db().Execute("UPDATE marks SET lease_until = ?, lease_owner = ? "
                             "WHERE conn = ? AND contact = ?",
                             until, owner, session.conn(), bundle.state.key));
    CONNECTOR_RETURN_IF_ERROR(AddPersons(session.db(), session.conn(), bundle));
    CONNECTOR_RETURN_IF_ERROR(AddOrganization(session.db(), session.conn(), organizations, bundle));
    if (knows_deals) CONNECTOR_RETURN_IF_ERROR(AddDeals(session.db(), session.conn(), bundle));
    if (knows_leads) CONNECTOR_RETURN_IF_ERROR(AddLeads(session.db(), session.conn(), bundle));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int64_t> SqliteStore::CountMarks(std::string_view connection,
                                                std::string_view run_id) {
  int64_t count = 0;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqliteHandle& db, int64_t conn) -> absl::Status {
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
    SqliteQuery query = db.Query(run == 0 ? kFree : kHeld, conn, run);
    CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
    if (found) count = query.Int(0);
    return absl::OkStatus();
  }));
  return count;
}

// The owner is kept for prolonging and releasing alone. Whoever settles proves by the mark's
// version that it saw the newest state, and a contact whose lease ran out is simply planned again.
absl::StatusOr<std::vector<ContactBundle>> SqliteStore::LeaseContacts(std::string_view connection,
                                                                      const MarkFilter& filter,
                                                                      std::string_view owner,
                                                                      Time now, Duration lease) {
  std::vector<ContactBundle> bundles;
  CONNECTOR_RETURN_IF_ERROR(Write(connection, [&](SqliteSession& session) -> absl::Status {
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

absl::StatusOr<std::optional<ContactBundle>> SqliteStore::BundleOfPerson(
    std::string_view connection, int64_t person_id, int64_t without_deal) {
  std::optional<ContactBundle> bundle;
  const absl::Status done = Read(connection, [&](SqliteHandle& db, int64_t conn) -> absl::Status {
    int64_t key = 0;
    {
      SqliteQuery query =
          db.Query("SELECT contact FROM persons WHERE conn = ? AND id = ?", conn, person_id);
      CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
      if (found) key = query.Int(0);
    }
    CONNECTOR_ASSIGN_OR_RETURN(std::optional<StoredContact> contact, ReadContact(db, conn, key));
    if (!contact) return absl::OkStatus();
    bundle.emplace().state = std::move(contact->state);
    OrganizationCache organizations;
    CONNECTOR_RETURN_IF_ERROR(AddPersons(db, conn, *bundle));
    CONNECTOR_RETURN_IF_ERROR(AddOrganization(db, conn, organizations, *bundle));
    CONNECTOR_ASSIGN_OR_RETURN(const bool knows_deals, KnowsDeals(db, conn));
    if (knows_deals) CONNECTOR_RETURN_IF_ERROR(AddDeals(db, conn, *bundle, without_deal));
    CONNECTOR_ASSIGN_OR_RETURN(const bool knows_leads, KnowsLeads(db, conn));
    return knows_leads ? AddLeads(db, conn, *bundle) : absl::OkStatus();
  });
  if (!done.ok()) return done;
  return bundle;
}

absl::StatusOr<std::vector<bool>> SqliteStore::ClaimIdentifiers(std::string_view connection,
                                                                const std::vector<Claim>& claims) {
  std::vector<bool> granted;
  if (claims.empty()) return granted;
  CONNECTOR_RETURN_IF_ERROR(Write(connection, [&](SqliteSession& session) -> absl::Status {
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

absl::Status SqliteStore::SettleContacts(std::string_view connection,
                                         const std::vector<Settlement>& settlements,
                                         const std::vector<Failure>& failures,
                                         const RunUpdate* update) {
  return Write(connection, [&](SqliteSession& session) -> absl::Status {
    if (update != nullptr) {
      CONNECTOR_RETURN_IF_ERROR(CommitProgress(session, *update).status());
    }
    for (const Settlement& settlement : settlements) {
      CONNECTOR_RETURN_IF_ERROR(SettleContact(session, settlement, /*open_rows=*/0));
    }
    return InsertFailures(session, failures);
  });
}

absl::StatusOr<std::optional<ContactState>> SqliteStore::FindContact(std::string_view connection,
                                                                     const Identifier& identifier) {
  std::optional<ContactState> state;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqliteHandle& db, int64_t conn) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(const int64_t key,
                               FindOwner(db, conn, identifier.kind, identifier.value));
    if (key == 0) return absl::OkStatus();
    CONNECTOR_ASSIGN_OR_RETURN(std::optional<StoredContact> contact, ReadContact(db, conn, key));
    if (contact) state = std::move(contact->state);
    return absl::OkStatus();
  }));
  return state;
}

absl::StatusOr<std::vector<ContactState>> SqliteStore::GetContacts(
    std::string_view connection, const std::vector<int64_t>& keys) {
  std::vector<ContactState> states;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqliteHandle& db, int64_t conn) -> absl::Status {
    for (const int64_t key : keys) {
      CONNECTOR_ASSIGN_OR_RETURN(std::optional<StoredContact> contact, ReadContact(db, conn, key));
      if (contact) states.push_back(std::move(contact->state));
    }
    return absl::OkStatus();
  }));
  return states;
}

}  // namespace connector::store
