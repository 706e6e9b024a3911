#include "store/sql_settle.h"

#include <algorithm>
#include <optional>

#include "base/status.h"
#include "store/sql_contacts.h"
#include "store/sql_marks.h"

namespace connector::store {
namespace {

// Enough to see what goes wrong in an account, about 20 MB; nobody reads more.
constexpr int64_t kMaxFailures = 100'000;

absl::Status Release(SqlSession& session, const Settlement& settlement) {
  if (settlement.released.empty()) return absl::OkStatus();
  const std::vector<Identifier> owned = OwnedIdentifiers(settlement.state);
  for (const Identifier& identifier : settlement.released) {
    if (std::binary_search(owned.begin(), owned.end(), identifier)) continue;
    CONNECTOR_RETURN_IF_ERROR(DropIdentifier(session, settlement.state.key, identifier));
  }
  return absl::OkStatus();
}

bool SomethingWasWritten(const ContactState& known, const ContactState& state) {
  if (known.lists != state.lists) return true;
  return std::any_of(state.fields.begin(), state.fields.end(), [&](const FieldState& field) {
    if (!field.unconfirmed) return false;
    const FieldState* before = FindField(known, field.attribute);
    return before == nullptr || before->unconfirmed != field.unconfirmed;
  });
}

// The settled state on top of what events made of the stored one meanwhile.
ContactState StateToStore(const Settlement& settlement, const ContactState& known, Time now) {
  const bool moved = settlement.before && known != *settlement.before;
  ContactState state =
      moved ? Rebase(*settlement.before, settlement.state, known) : settlement.state;
  if (SomethingWasWritten(known, state)) state.written_at = now;
  return state;
}

absl::StatusOr<bool> HasLivingPerson(SqlSession& session, int64_t contact) {
  SqlQuery query = session.db().Query(
      "SELECT 1 FROM persons INDEXED BY bindings WHERE conn = ? AND contact = ? AND deleted = 0 "
      "LIMIT 1",
      session.conn(), contact);
  return query.Next();
}

// Ends the bindings of deleted persons, and perhaps the contact.
absl::Status Unbind(SqlSession& session, const Settlement& settlement) {
  SqlHandle& db = session.db();
  const int64_t conn = session.conn();
  const int64_t key = settlement.state.key;
  CONNECTOR_ASSIGN_OR_RETURN(const bool taken, HasLivingPerson(session, key));
  if (taken) return MarkContact(session, key, /*run=*/0, Urgency::kPrompt);
  CONNECTOR_RETURN_IF_ERROR(
      db.Execute("UPDATE persons SET contact = NULL WHERE conn = ? AND contact = ?", conn, key));
  if (settlement.binding != Binding::kForget) return absl::OkStatus();
  return ForgetContact(session, key);
}

}  // namespace

absl::Status ForgetContact(SqlSession& session, int64_t key) {
  SqlHandle& db = session.db();
  const int64_t conn = session.conn();
  CONNECTOR_RETURN_IF_ERROR(
      db.Execute("DELETE FROM identifiers WHERE conn = ? AND contact = ?", conn, key));
  CONNECTOR_RETURN_IF_ERROR(
      db.Execute("DELETE FROM marks WHERE conn = ? AND contact = ?", conn, key));
  return db.Execute("DELETE FROM contacts WHERE conn = ? AND key = ?", conn, key);
}

absl::Status SettleContact(SqlSession& session, const Settlement& settlement, int64_t open_rows) {
  const int64_t key = settlement.state.key;
  CONNECTOR_ASSIGN_OR_RETURN(const std::optional<StoredContact> known,
                             ReadContact(session.db(), session.conn(), key));
  if (!known) return absl::OkStatus();  // erased meanwhile
  CONNECTOR_RETURN_IF_ERROR(
      UpdateContact(session, *known, StateToStore(settlement, known->state, session.now())));
  CONNECTOR_RETURN_IF_ERROR(Release(session, settlement));
  CONNECTOR_RETURN_IF_ERROR(SettleMark(session, settlement, open_rows));
  return settlement.binding == Binding::kKeep ? absl::OkStatus() : Unbind(session, settlement);
}

absl::Status InsertFailures(SqlSession& session, const std::vector<Failure>& failures) {
  int64_t last = 0;
  for (const Failure& failure : failures) {
    last = session.NextFailure();
    CONNECTOR_RETURN_IF_ERROR(session.db().Execute(
        "INSERT INTO failures (conn, id, run_id, entity, entity_id, reason, field, detail, "
        "created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        session.conn(), last, failure.run_id, failure.entity, failure.entity_id,
        static_cast<int>(failure.reason), failure.field, failure.detail, failure.created_at));
  }
  if (last <= kMaxFailures) return absl::OkStatus();
  return session.db().Execute("DELETE FROM failures WHERE conn = ? AND id <= ?", session.conn(),
                              last - kMaxFailures);
}

}  // namespace connector::store
