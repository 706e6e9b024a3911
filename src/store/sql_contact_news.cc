// SqlStore: what Brevo tells of contacts by itself.

#include "base/status.h"
#include "base/strings.h"
#include "store/sql_contacts.h"
#include "store/sql_database.h"
#include "store/sql_folds.h"
#include "store/sql_session.h"
#include "store/sql_settle.h"
#include "store/sql_store.h"
#include "store/tombstones.h"

namespace connector::store {
namespace {

absl::StatusOr<bool> IsLeased(SqlSession& session, int64_t contact) {
  SqlQuery query =
      session.db().Query("SELECT 1 FROM marks WHERE conn = ? AND contact = ? AND lease_until > ?",
                         session.conn(), contact, session.now());
  return query.Next();
}

// 0 if it is not known.
absl::StatusOr<int64_t> KeyOf(SqlSession& session, const ContactNews& news) {
  if (!news.seen) return news.contact;
  CONNECTOR_ASSIGN_OR_RETURN(const int64_t key, FindSeen(session, *news.seen));
  return key != 0 ? key : news.contact;
}

absl::StatusOr<bool> Take(SqlSession& session, const ContactNews& news, const Folding& folding) {
  CONNECTOR_ASSIGN_OR_RETURN(const int64_t key, KeyOf(session, news));
  if (key == 0) {
    if (!news.seen) return true;
    CONNECTOR_ASSIGN_OR_RETURN(
        const bool erased, IsErased(session.db(), session.conn(), AsciiLower(news.seen->email)));
    if (erased) return true;
    ContactState fresh;
    const ContactNews::Outcome outcome = news.fold(fresh, /*leased=*/false);
    if (outcome.taken) CONNECTOR_RETURN_IF_ERROR(InsertContact(session, fresh));
    return outcome.taken;
  }
  CONNECTOR_ASSIGN_OR_RETURN(const std::optional<StoredContact> known,
                             ReadContact(session.db(), session.conn(), key));
  if (!known) return true;  // erased meanwhile
  CONNECTOR_ASSIGN_OR_RETURN(const bool leased, IsLeased(session, key));
  ContactState after = known->state;
  const ContactNews::Outcome outcome = news.fold(after, leased);
  if (!outcome.taken) return false;
  after.key = key;
  CONNECTOR_RETURN_IF_ERROR(TakeNews(session, *known, after, outcome.mark, folding));
  CONNECTOR_RETURN_IF_ERROR(InsertFailures(session, outcome.failures));
  return true;
}

// An event that concerns more persons is called applied when the first of them are written.
constexpr int kMaxPersons = 100;

absl::StatusOr<std::vector<int64_t>> PersonsOf(SqlHandle& db, int64_t conn, int64_t contact) {
  SqlQuery query = db.Query(
      "SELECT id FROM persons INDEXED BY bindings WHERE conn = ? AND contact = ? AND deleted = 0 "
      "ORDER BY id LIMIT ?",
      conn, contact, kMaxPersons);
  std::vector<int64_t> persons;
  while (true) {
    CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
    if (!more) return persons;
    persons.push_back(query.Int(0));
  }
}

}  // namespace

absl::StatusOr<std::vector<bool>> FoldContactNews(SqlSession& session, const IngestBatch& batch,
                                                  const Folding& folding) {
  std::vector<bool> taken;
  for (const ContactNews& news : batch.contact_news) {
    CONNECTOR_ASSIGN_OR_RETURN(const bool took, Take(session, news, folding));
    taken.push_back(took);
  }
  return taken;
}

absl::StatusOr<std::vector<std::optional<KnownContact>>> SqlStore::FindContacts(
    std::string_view connection, const std::vector<std::string>& emails) {
  std::vector<std::optional<KnownContact>> found;
  const absl::Status done = Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    found.assign(emails.size(), std::nullopt);
    for (size_t i = 0; i < emails.size(); ++i) {
      CONNECTOR_ASSIGN_OR_RETURN(const int64_t key,
                                 FindOwner(db, conn, Identifier::Kind::kEmail, emails[i]));
      if (key == 0) continue;
      CONNECTOR_ASSIGN_OR_RETURN(std::optional<StoredContact> contact, ReadContact(db, conn, key));
      if (!contact) continue;
      KnownContact& known = found[i].emplace();
      known.state = std::move(contact->state);
      CONNECTOR_ASSIGN_OR_RETURN(known.persons, PersonsOf(db, conn, key));
    }
    return absl::OkStatus();
  });
  if (!done.ok()) return done;
  return found;
}

absl::StatusOr<std::vector<ContactState>> SqlStore::ContactsWithoutPerson(
    std::string_view connection, int64_t after_key, int limit) {
  std::vector<ContactState> states;
  const absl::Status done = Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    SqlQuery query = db.Query(
        "SELECT c.key, c.body FROM contacts c WHERE c.conn = ? AND c.key > ? AND NOT EXISTS "
        "(SELECT 1 FROM persons p WHERE p.conn = c.conn AND p.contact = c.key) "
        "ORDER BY c.key LIMIT ?",
        conn, after_key, limit);
    while (true) {
      CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
      if (!more) return absl::OkStatus();
      CONNECTOR_ASSIGN_OR_RETURN(ContactState state, DecodeContact(query.Int(0), query.Bytes(1)));
      states.push_back(std::move(state));
    }
  });
  if (!done.ok()) return done;
  return states;
}

}  // namespace connector::store
