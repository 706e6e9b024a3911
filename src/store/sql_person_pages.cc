// SqlStore: folding pages of Pipedrive persons and binding them to contacts.

#include "base/status.h"
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

enum class Change { kFresh, kChanged, kUnchanged, kStale };

struct StoredPerson {
  std::optional<Time> updated_at;
  std::optional<int64_t> org;
  std::optional<int64_t> contact;
  bool deleted = false;
  bool same_body = false;
};

absl::StatusOr<std::optional<StoredPerson>> ReadPerson(SqlSession& session, int64_t id,
                                                       std::string_view body) {
  SqlQuery query = session.db().Query(
      "SELECT updated_at, org, contact, deleted, body FROM persons WHERE conn = ? AND id = ?",
      session.conn(), id);
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  if (!found) return std::nullopt;
  return StoredPerson{query.OptionalInstant(0), query.OptionalInt(1), query.OptionalInt(2),
                      query.Int(3) != 0, query.Bytes(4) == body};
}

Change Compare(const std::optional<StoredPerson>& known, const Person& person) {
  if (!known) return Change::kFresh;
  if (known->updated_at && person.update_time && *person.update_time < *known->updated_at) {
    return Change::kStale;
  }
  return known->same_body ? Change::kUnchanged : Change::kChanged;
}

void Count(Change change, FoldCounts& counts) {
  switch (change) {
    case Change::kFresh:
      ++counts.fresh;
      break;
    case Change::kChanged:
      ++counts.changed;
      break;
    case Change::kUnchanged:
      ++counts.unchanged;
      break;
    case Change::kStale:
      ++counts.stale;
      break;
  }
}

absl::StatusOr<int64_t> NewContact(SqlSession& session, const PersonRow& row, Existence unseen) {
  ContactState state;
  state.existence = unseen;
  state.email = row.email;
  CONNECTOR_RETURN_IF_ERROR(InsertContact(session, state));
  if (!row.email.empty()) return state.key;
  // Its only identity is taken at once: a contact that Brevo shows with it must be this one.
  CONNECTOR_RETURN_IF_ERROR(
      TakeIdentifier(session, state.key, {Identifier::Kind::kExtId, row.ext_id}).status());
  return state.key;
}

// The contact a person without binding belongs to: the one with its EXT_ID, else with its e-mail,
// else the inherited one, else a new one; nullopt if it has no identity, and for a person that is
// gone.
absl::StatusOr<std::optional<int64_t>> FindBinding(SqlSession& session, const PersonRow& row,
                                                   Existence unseen,
                                                   std::optional<int64_t> inherited) {
  if (row.person.is_deleted) return std::nullopt;
  int64_t key = 0;
  if (!row.ext_id.empty()) {
    CONNECTOR_ASSIGN_OR_RETURN(
        key, FindOwner(session.db(), session.conn(), Identifier::Kind::kExtId, row.ext_id));
  }
  if (key == 0 && !row.email.empty()) {
    CONNECTOR_ASSIGN_OR_RETURN(
        key, FindOwner(session.db(), session.conn(), Identifier::Kind::kEmail, row.email));
  }
  if (key == 0) key = inherited.value_or(0);
  if (key != 0) return key;
  if (row.email.empty() && (!row.contact_without_email || row.ext_id.empty())) return std::nullopt;
  return NewContact(session, row, unseen);
}

absl::Status Insert(SqlSession& session, const Person& person, std::optional<int64_t> contact,
                    std::string_view body) {
  return session.db().Execute(
      "INSERT INTO persons (conn, id, updated_at, org, contact, deleted, body) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)",
      session.conn(), person.id, person.update_time, person.org_id, contact, person.is_deleted,
      Blob{body});
}

absl::Status Update(SqlSession& session, const StoredPerson& known, const Person& person,
                    std::optional<int64_t> contact, std::string_view body) {
  if (known.org == person.org_id && known.contact == contact) {
    // Leaves both indexes alone.
    return session.db().Execute(
        "UPDATE persons SET updated_at = ?, deleted = ?, body = ? WHERE conn = ? AND id = ?",
        person.update_time, person.is_deleted, Blob{body}, session.conn(), person.id);
  }
  return session.db().Execute(
      "UPDATE persons SET updated_at = ?, org = ?, contact = ?, deleted = ?, body = ? "
      "WHERE conn = ? AND id = ?",
      person.update_time, person.org_id, contact, person.is_deleted, Blob{body}, session.conn(),
      person.id);
}

absl::StatusOr<bool> WasErased(SqlSession& session, const PersonRow& row) {
  for (const std::string_view identifier :
       {std::string_view(row.email), std::string_view(row.ext_id)}) {
    CONNECTOR_ASSIGN_OR_RETURN(const bool erased,
                               IsErased(session.db(), session.conn(), identifier));
    if (erased) return true;
  }
  return false;
}

}  // namespace

absl::Status FoldPerson(SqlSession& session, const PersonRow& row, const Folding& folding,
                        FoldCounts& counts, std::optional<int64_t> inherited) {
  const std::string body = Encode(row.person);
  CONNECTOR_ASSIGN_OR_RETURN(const std::optional<StoredPerson> known,
                             ReadPerson(session, row.person.id, body));
  if (!known) {
    CONNECTOR_ASSIGN_OR_RETURN(const bool erased, WasErased(session, row));
    if (erased) {
      counts.erased.push_back(row.person.id);
      return absl::OkStatus();
    }
  }
  const Change change = Compare(known, row.person);
  Count(change, counts);

  std::optional<int64_t> contact = known ? known->contact : std::nullopt;
  const bool bind = !contact && change != Change::kStale;
  if (bind) {
    CONNECTOR_ASSIGN_OR_RETURN(contact, FindBinding(session, row, folding.unseen, inherited));
  }
  const bool bound_now = bind && contact.has_value();
  if (!known) {
    CONNECTOR_RETURN_IF_ERROR(Insert(session, row.person, contact, body));
  } else if (change == Change::kChanged || bound_now) {
    CONNECTOR_RETURN_IF_ERROR(Update(session, *known, row.person, contact, body));
  }
  const bool news = change == Change::kFresh || change == Change::kChanged || bound_now;
  if (!contact) {
    if (!row.person.is_deleted) counts.unbound.push_back(row.person.id);
    return absl::OkStatus();
  }
  if (folding.quiet) return absl::OkStatus();
  if (!news && !folding.mark_all) {
    ++counts.at_rest;
    return absl::OkStatus();
  }
  return MarkContact(session, *contact, folding.run, folding.urgency);
}

absl::StatusOr<FoldCounts> SqlStore::FinishPersonsPage(const RunUpdate& update,
                                                       const Cursor& cursor,
                                                       const std::vector<PersonRow>& page,
                                                       Existence unseen, bool mark_all) {
  FoldCounts counts;
  const absl::Status done =
      Write(update.lease.connection, [&](SqlSession& session) -> absl::Status {
        counts = {};
        Folding folding{.mark_all = mark_all, .unseen = unseen};
        CONNECTOR_ASSIGN_OR_RETURN(folding.run, CommitProgress(session, update));
        for (const PersonRow& row : page) {
          CONNECTOR_RETURN_IF_ERROR(FoldPerson(session, row, folding, counts));
        }
        return SaveCursor(session, folding.run, "persons", cursor);
      });
  if (!done.ok()) return done;
  return counts;
}

absl::Status SqlStore::KeepPersonWrite(std::string_view connection, const PersonRow& row,
                                       const ContactState& before, const ContactState& state) {
  return Write(connection, [&](SqlSession& session) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(const std::optional<StoredContact> known,
                               ReadContact(session.db(), session.conn(), state.key));
    if (!known) return absl::NotFoundError("the person's contact is not there");
    CONNECTOR_RETURN_IF_ERROR(UpdateContact(
        session, *known, known->state == before ? state : Rebase(before, state, known->state)));
    FoldCounts counts;
    return FoldPerson(session, row, {.quiet = true}, counts);
  });
}

absl::StatusOr<std::vector<PersonVersion>> SqlStore::PersonVersions(
    std::string_view connection, const std::vector<int64_t>& ids) {
  std::vector<PersonVersion> versions;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    for (const int64_t id : ids) {
      SqlQuery query =
          db.Query("SELECT updated_at FROM persons WHERE conn = ? AND id = ?", conn, id);
      CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
      if (found) versions.push_back({id, query.OptionalInstant(0)});
    }
    return absl::OkStatus();
  }));
  return versions;
}

}  // namespace connector::store
