// SqlStore: folding pages of Brevo contacts.

#include <algorithm>

#include "base/status.h"
#include "base/strings.h"
#include "model/wire.h"
#include "store/sql_contacts.h"
#include "store/sql_folds.h"
#include "store/sql_marks.h"
#include "store/sql_run_rows.h"
#include "store/sql_session.h"
#include "store/sql_store.h"
#include "store/tombstones.h"

namespace connector::store {
namespace {

// What Brevo is taken to hold: what was written last, else what was seen.
const Value& Expected(const FieldState& field) {
  return field.unconfirmed ? *field.unconfirmed : field.seen;
}

bool IsQuiet(const FieldState& field) {
  return connector::IsEmpty(Expected(field)) && !field.refused;
}

bool SameValue(const Value& a, const Value& b) {
  return a == b || (connector::IsEmpty(a) && connector::IsEmpty(b));
}

// True if a converge could find something to do in the fields. A write that is now seen as it was
// written is no news.
bool FieldsNeedWrite(const ContactState& before, const ContactState& after) {
  auto b = before.fields.begin();
  auto a = after.fields.begin();
  while (b != before.fields.end() || a != after.fields.end()) {
    if (a == after.fields.end() || (b != before.fields.end() && b->attribute < a->attribute)) {
      if (!IsQuiet(*b++)) return true;
    } else if (b == before.fields.end() || a->attribute < b->attribute) {
      if (!IsQuiet(*a++)) return true;
    } else {
      if (!SameValue(Expected(*b), Expected(*a)) || b->refused != a->refused) return true;
      ++b;
      ++a;
    }
  }
  return false;
}

bool MayNeedWrite(const ContactState& before, const ContactState& after) {
  return before.existence != after.existence ||
         AsciiLower(before.email) != AsciiLower(after.email) || before.ext_id != after.ext_id ||
         before.email_blacklisted != after.email_blacklisted ||
         before.sms_blacklisted != after.sms_blacklisted || before.lists != after.lists ||
         before.lists_left != after.lists_left || FieldsNeedWrite(before, after);
}

absl::StatusOr<bool> HasPersons(SqlSession& session, int64_t contact) {
  SqlQuery query = session.db().Query(
      "SELECT 1 FROM persons INDEXED BY bindings WHERE conn = ? AND contact = ? LIMIT 1",
      session.conn(), contact);
  return query.Next();
}

}  // namespace

absl::StatusOr<int64_t> FindSeen(SqlSession& session, const Contact& seen) {
  CONNECTOR_ASSIGN_OR_RETURN(int64_t key, FindByBrevoId(session.db(), session.conn(), seen.id));
  if (key == 0 && !seen.email.empty()) {
    CONNECTOR_ASSIGN_OR_RETURN(key, FindOwner(session.db(), session.conn(),
                                              Identifier::Kind::kEmail, AsciiLower(seen.email)));
  }
  if (key == 0 && !seen.ext_id.empty()) {
    CONNECTOR_ASSIGN_OR_RETURN(
        key, FindOwner(session.db(), session.conn(), Identifier::Kind::kExtId, seen.ext_id));
  }
  return key;
}

absl::Status TakeNews(SqlSession& session, const StoredContact& known, const ContactState& after,
                      bool mark, const Folding& folding) {
  CONNECTOR_RETURN_IF_ERROR(UpdateContact(session, known, after));
  if (!mark || !MayNeedWrite(known.state, after)) return absl::OkStatus();
  CONNECTOR_ASSIGN_OR_RETURN(const bool bound, HasPersons(session, after.key));
  return bound ? MarkContact(session, after.key, folding.run, folding.urgency) : absl::OkStatus();
}

absl::Status FoldSeen(SqlSession& session, const Contact& seen, const ContactFold& fold,
                      const Folding& folding) {
  CONNECTOR_ASSIGN_OR_RETURN(const int64_t key, FindSeen(session, seen));
  if (key == 0) {
    CONNECTOR_ASSIGN_OR_RETURN(const bool erased,
                               IsErased(session.db(), session.conn(), AsciiLower(seen.email)));
    if (erased) return absl::OkStatus();
    ContactState state = fold(std::nullopt, seen);
    return InsertContact(session, state);
  }
  CONNECTOR_ASSIGN_OR_RETURN(std::optional<StoredContact> known,
                             ReadContact(session.db(), session.conn(), key));
  if (!known) return absl::DataLossError("an identifier names a contact that is not there");
  std::optional<ContactState> before = std::move(known->state);
  ContactState after = fold(before, seen);
  after.key = key;
  known->state = *std::move(before);
  return TakeNews(session, *known, after, /*mark=*/true, folding);
}

absl::Status SqlStore::FinishContactsPage(const RunUpdate& update, const Cursor& cursor,
                                          const std::vector<Contact>& page,
                                          const ContactFold& fold) {
  return Write(update.lease.connection, [&](SqlSession& session) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(const int64_t run, CommitProgress(session, update));
    for (const Contact& seen : page) {
      CONNECTOR_RETURN_IF_ERROR(FoldSeen(session, seen, fold, {.run = run}));
    }
    return SaveCursor(session, run, "contacts", cursor);
  });
}

absl::StatusOr<std::vector<ContactState>> SqlStore::ContactsNeverShown(std::string_view connection,
                                                                       int64_t after_key,
                                                                       int limit) {
  std::vector<ContactState> states;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    SqlQuery query = db.Query(
        "SELECT key, body FROM contacts WHERE conn = ? AND key > ? AND brevo_id = 0 "
        "ORDER BY key LIMIT ?",
        conn, after_key, limit);
    while (true) {
      CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
      if (!more) return absl::OkStatus();
      CONNECTOR_ASSIGN_OR_RETURN(ContactState state, DecodeContact(query.Int(0), query.Bytes(1)));
      states.push_back(std::move(state));
    }
  }));
  return states;
}

absl::Status SqlStore::ReopenContacts(const RunUpdate& update,
                                      const std::vector<ContactState>& states) {
  return Write(update.lease.connection, [&](SqlSession& session) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(const int64_t run, CommitProgress(session, update));
    for (const ContactState& state : states) {
      CONNECTOR_ASSIGN_OR_RETURN(std::optional<StoredContact> known,
                                 ReadContact(session.db(), session.conn(), state.key));
      if (!known) continue;
      CONNECTOR_RETURN_IF_ERROR(UpdateContact(session, *known, state));
      CONNECTOR_RETURN_IF_ERROR(MarkContact(session, state.key, run));
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<int64_t>> SqlStore::PersonsInList(std::string_view connection,
                                                             int64_t list_id) {
  std::vector<int64_t> persons;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    // Rarely asked, so no index of memberships is kept for it.
    SqlQuery query = db.Query(
        "SELECT p.id, c.body FROM persons p JOIN contacts c ON c.conn = p.conn AND c.key = "
        "p.contact "
        "WHERE p.conn = ? AND p.deleted = 0 ORDER BY p.id",
        conn);
    while (true) {
      CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
      if (!more) return absl::OkStatus();
      CONNECTOR_ASSIGN_OR_RETURN(const ContactState state, DecodeContactState(query.Bytes(1)));
      if (std::binary_search(state.lists.begin(), state.lists.end(), list_id)) {
        persons.push_back(query.Int(0));
      }
    }
  }));
  return persons;
}

}  // namespace connector::store
