// SqlStore: looks at what is known, for people.

#include <set>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "model/wire.h"
#include "store/sql_bundles.h"
#include "store/sql_contacts.h"
#include "store/sql_database.h"
#include "store/sql_session.h"
#include "store/sql_settle.h"
#include "store/sql_store.h"

namespace connector::store {
namespace {

absl::StatusOr<int64_t> CountOne(SqlQuery query) {
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  return found ? query.Int(0) : 0;
}

absl::Status ReadMark(SqlHandle& db, int64_t conn, int64_t key, PendingWork& work) {
  SqlQuery query = db.Query(
      "SELECT version, urgency, marked_at, not_before, jobs FROM marks "
      "WHERE conn = ? AND contact = ?",
      conn, key);
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  if (!found) return absl::OkStatus();
  work.dirty = query.Int(0) > 0;
  work.import_rows = query.Int(4);
  if (!work.dirty) return absl::OkStatus();
  work.urgency = static_cast<Urgency>(query.Int(1));
  work.marked_at = query.Instant(2);
  if (query.Int(3) > 0) work.not_before = query.Instant(3);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::optional<ContactBundle>> SqlStore::BundleOfContact(std::string_view connection,
                                                                       int64_t key) {
  std::optional<ContactBundle> bundle;
  const absl::Status done = Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(std::optional<StoredContact> contact, ReadContact(db, conn, key));
    if (!contact) return absl::OkStatus();
    bundle.emplace().state = std::move(contact->state);
    CONNECTOR_ASSIGN_OR_RETURN(BundleReader reader, BundleReader::Begin(db, conn));
    return reader.Complete(*bundle);
  });
  if (!done.ok()) return done;
  return bundle;
}

absl::StatusOr<std::vector<ContactBundle>> SqlStore::BundlesAfter(std::string_view connection,
                                                                  int64_t after_key, int limit) {
  std::vector<ContactBundle> bundles;
  const absl::Status done = Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    SqlQuery query =
        db.Query("SELECT key, body FROM contacts WHERE conn = ? AND key > ? ORDER BY key LIMIT ?",
                 conn, after_key, limit);
    CONNECTOR_ASSIGN_OR_RETURN(BundleReader reader, BundleReader::Begin(db, conn));
    while (true) {
      CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
      if (!more) return absl::OkStatus();
      ContactBundle bundle;
      CONNECTOR_ASSIGN_OR_RETURN(bundle.state, DecodeContact(query.Int(0), query.Bytes(1)));
      CONNECTOR_RETURN_IF_ERROR(reader.Complete(bundle));
      bundles.push_back(std::move(bundle));
    }
  });
  if (!done.ok()) return done;
  return bundles;
}

absl::StatusOr<std::vector<bool>> SqlStore::MayClaim(std::string_view connection,
                                                     const std::vector<Claim>& claims) {
  std::vector<bool> granted;
  // Of two claims to one identifier the first is granted, as when they are made.
  std::set<Identifier> promised;
  const absl::Status done = Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    for (const Claim& claim : claims) {
      CONNECTOR_ASSIGN_OR_RETURN(
          const int64_t owner, FindOwner(db, conn, claim.identifier.kind, claim.identifier.value));
      const bool free = owner == 0 && promised.insert(claim.identifier).second;
      granted.push_back(free || owner == claim.contact_key);
    }
    return absl::OkStatus();
  });
  if (!done.ok()) return done;
  return granted;
}

absl::StatusOr<std::optional<ContactState>> SqlStore::FindContactById(std::string_view connection,
                                                                      int64_t brevo_id) {
  std::optional<ContactState> state;
  const absl::Status done = Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(const int64_t key, FindByBrevoId(db, conn, brevo_id));
    CONNECTOR_ASSIGN_OR_RETURN(std::optional<StoredContact> contact, ReadContact(db, conn, key));
    if (contact) state = std::move(contact->state);
    return absl::OkStatus();
  });
  if (!done.ok()) return done;
  return state;
}

absl::StatusOr<std::optional<BoundPerson>> SqlStore::FindPerson(std::string_view connection,
                                                                int64_t id) {
  std::optional<BoundPerson> person;
  const absl::Status done = Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    SqlQuery query =
        db.Query("SELECT body, contact FROM persons WHERE conn = ? AND id = ?", conn, id);
    CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
    if (!found) return absl::OkStatus();
    person.emplace().contact_key = query.OptionalInt(1);
    CONNECTOR_ASSIGN_OR_RETURN(person->person, DecodePerson(query.Bytes(0)));
    return absl::OkStatus();
  });
  if (!done.ok()) return done;
  return person;
}

absl::StatusOr<std::vector<Person>> SqlStore::UnboundPersonsAfter(std::string_view connection,
                                                                  int64_t after_id, int limit) {
  std::vector<Person> persons;
  const absl::Status done = Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    SqlQuery query = db.Query(
        "SELECT body FROM persons WHERE conn = ? AND id > ? AND contact IS NULL AND deleted = 0 "
        "ORDER BY id LIMIT ?",
        conn, after_id, limit);
    while (true) {
      CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
      if (!more) return absl::OkStatus();
      CONNECTOR_ASSIGN_OR_RETURN(Person person, DecodePerson(query.Bytes(0)));
      persons.push_back(std::move(person));
    }
  });
  if (!done.ok()) return done;
  return persons;
}

absl::StatusOr<std::vector<int64_t>> SqlStore::SharedContactsAfter(std::string_view connection,
                                                                   int64_t after_key, int limit) {
  std::vector<int64_t> keys;
  const absl::Status done = Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    SqlQuery query = db.Query(
        "SELECT contact FROM persons INDEXED BY bindings "
        "WHERE conn = ? AND contact IS NOT NULL AND contact > ? "
        "GROUP BY contact HAVING count(*) > 1 AND count(CASE WHEN deleted = 0 THEN 1 END) > 1 "
        "ORDER BY contact LIMIT ?",
        conn, after_key, limit);
    while (true) {
      CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
      if (!more) return absl::OkStatus();
      keys.push_back(query.Int(0));
    }
  });
  if (!done.ok()) return done;
  return keys;
}

absl::StatusOr<PendingWork> SqlStore::PendingWorkOf(std::string_view connection, int64_t key,
                                                    const std::vector<int64_t>& persons) {
  PendingWork work;
  const absl::Status done = Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    CONNECTOR_RETURN_IF_ERROR(ReadMark(db, conn, key, work));
    for (const int64_t person : persons) {
      CONNECTOR_ASSIGN_OR_RETURN(
          const int64_t in,
          CountOne(db.Query("SELECT count(*) FROM inbox INDEXED BY inbox_by_lane "
                            "WHERE conn = ? AND lane = ?",
                            conn, std::string_view(absl::StrCat("person/", person)))));
      CONNECTOR_ASSIGN_OR_RETURN(
          const int64_t out,
          CountOne(db.Query("SELECT count(*) FROM outbox INDEXED BY outbox_by_person "
                            "WHERE conn = ? AND person = ?",
                            conn, person)));
      work.inbox_events += in;
      work.outbox_events += out;
    }
    return absl::OkStatus();
  });
  if (!done.ok()) return done;
  return work;
}

absl::StatusOr<std::vector<Failure>> SqlStore::FailuresOf(std::string_view connection,
                                                          const std::vector<std::string>& records,
                                                          int limit) {
  const std::set<std::string, std::less<>> wanted(records.begin(), records.end());
  std::vector<Failure> failures;
  const absl::Status done = Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    SqlQuery query = db.Query(
        "SELECT id, run_id, entity, entity_id, reason, field, detail, created_at FROM failures "
        "WHERE conn = ? ORDER BY id DESC",
        conn);
    while (static_cast<int>(failures.size()) < limit) {
      CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
      if (!more) return absl::OkStatus();
      if (wanted.count(query.Bytes(3)) > 0) failures.push_back(ReadFailure(query));
    }
    return absl::OkStatus();
  });
  if (!done.ok()) return done;
  return failures;
}

}  // namespace connector::store
