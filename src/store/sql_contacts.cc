#include "store/sql_contacts.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "model/wire.h"

namespace connector::store {
namespace {

absl::Status MoveIdentifiers(SqlSession& session, const ContactState& before,
                             const ContactState& after) {
  const std::vector<Identifier> had = OwnedIdentifiers(before);
  const std::vector<Identifier> has = OwnedIdentifiers(after);
  if (had == has) return absl::OkStatus();
  std::vector<Identifier> dropped;
  std::vector<Identifier> taken;
  std::set_difference(had.begin(), had.end(), has.begin(), has.end(), std::back_inserter(dropped));
  std::set_difference(has.begin(), has.end(), had.begin(), had.end(), std::back_inserter(taken));
  for (const Identifier& identifier : dropped) {
    CONNECTOR_RETURN_IF_ERROR(DropIdentifier(session, after.key, identifier));
  }
  for (const Identifier& identifier : taken) {
    CONNECTOR_RETURN_IF_ERROR(TakeIdentifier(session, after.key, identifier).status());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ContactState> DecodeContact(int64_t key, std::string_view body) {
  absl::StatusOr<ContactState> state = DecodeContactState(body);
  if (!state.ok()) return Annotate(state.status(), absl::StrCat("contact ", key));
  state->key = key;
  return state;
}

absl::StatusOr<std::optional<StoredContact>> ReadContact(SqlHandle& db, int64_t conn, int64_t key) {
  SqlQuery query = db.Query("SELECT body FROM contacts WHERE conn = ? AND key = ?", conn, key);
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  if (!found) return std::nullopt;
  StoredContact contact;
  contact.body = query.Text(0);
  CONNECTOR_ASSIGN_OR_RETURN(contact.state, DecodeContact(key, contact.body));
  return contact;
}

absl::StatusOr<int64_t> FindOwner(SqlHandle& db, int64_t conn, Identifier::Kind kind,
                                  std::string_view value) {
  SqlQuery query =
      db.Query("SELECT contact FROM identifiers WHERE conn = ? AND kind = ? AND value = ?", conn,
               static_cast<int>(kind), value);
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  return found ? query.Int(0) : 0;
}

absl::StatusOr<int64_t> FindByBrevoId(SqlHandle& db, int64_t conn, int64_t brevo_id) {
  SqlQuery query = db.Query(
      "SELECT key FROM contacts INDEXED BY contacts_by_brevo_id "
      "WHERE conn = ? AND brevo_id = ? AND brevo_id <> 0",
      conn, brevo_id);
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  return found ? query.Int(0) : 0;
}

absl::Status InsertContact(SqlSession& session, ContactState& state) {
  state.key = session.NextContact();
  CONNECTOR_RETURN_IF_ERROR(
      session.db().Execute("INSERT INTO contacts (conn, key, brevo_id, body) VALUES (?, ?, ?, ?)",
                           session.conn(), state.key, state.brevo_id, Blob{Encode(state)}));
  for (const Identifier& identifier : OwnedIdentifiers(state)) {
    CONNECTOR_RETURN_IF_ERROR(TakeIdentifier(session, state.key, identifier).status());
  }
  return absl::OkStatus();
}

absl::Status UpdateContact(SqlSession& session, const StoredContact& known,
                           const ContactState& state) {
  const std::string body = Encode(state);
  if (body == known.body) return absl::OkStatus();
  if (state.brevo_id == known.state.brevo_id) {
    // Leaves the index of Brevo ids alone.
    CONNECTOR_RETURN_IF_ERROR(
        session.db().Execute("UPDATE contacts SET body = ? WHERE conn = ? AND key = ?", Blob{body},
                             session.conn(), state.key));
  } else {
    CONNECTOR_RETURN_IF_ERROR(session.db().Execute(
        "UPDATE contacts SET body = ?, brevo_id = ? WHERE conn = ? AND key = ?", Blob{body},
        state.brevo_id, session.conn(), state.key));
  }
  return MoveIdentifiers(session, known.state, state);
}

absl::StatusOr<bool> TakeIdentifier(SqlSession& session, int64_t contact,
                                    const Identifier& identifier) {
  CONNECTOR_RETURN_IF_ERROR(session.db().Execute(
      "INSERT INTO identifiers (conn, kind, value, contact) VALUES (?, ?, ?, ?) "
      "ON CONFLICT DO NOTHING",
      session.conn(), static_cast<int>(identifier.kind), identifier.value, contact));
  if (session.db().changes() > 0) return true;
  CONNECTOR_ASSIGN_OR_RETURN(const int64_t owner, FindOwner(session.db(), session.conn(),
                                                            identifier.kind, identifier.value));
  return owner == contact;
}

absl::Status DropIdentifier(SqlSession& session, int64_t contact, const Identifier& identifier) {
  return session.db().Execute(
      "DELETE FROM identifiers WHERE conn = ? AND kind = ? AND value = ? AND contact = ?",
      session.conn(), static_cast<int>(identifier.kind), identifier.value, contact);
}

}  // namespace connector::store
