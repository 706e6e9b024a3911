#include "sync/walk_contacts.h"

#include <algorithm>
#include <functional>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "base/time_format.h"
#include "sync/sweep.h"
#include "sync/walk_parts.h"

namespace connector::sync {
namespace {

// Of Brevo's contact list, see brevo::Client.
constexpr int kContactsPerPage = 1000;

// kContactsRead of the look under way.
constexpr std::string_view kContactsReadNext = "contacts.read.next";

std::vector<Failure> BookRefusals(RunSession& session, const std::string& email,
                                  const std::vector<reconcile::Refusal>& refusals) {
  std::vector<Failure> failures;
  for (const reconcile::Refusal& refusal : refusals) {
    session.CountFailure(FailureReason::kRefusedByBrevo);
    failures.push_back({.run_id = session.run().id,
                        .entity = "contact",
                        .entity_id = email,
                        .reason = FailureReason::kRefusedByBrevo,
                        .field = refusal.attribute,
                        .detail = "Brevo accepted the write and does not show the value"});
  }
  return failures;
}

absl::Status FoldContactsPage(const Planning& planning, RunSession& session,
                              const std::vector<Contact>& page, Time read_at,
                              const store::Cursor& cursor) {
  // The fold may run more than once in a transaction; refusals are told by contact, once.
  std::map<int64_t, std::pair<std::string, std::vector<reconcile::Refusal>>> refused;
  const store::ContactFold fold = [&](const std::optional<ContactState>& known,
                                      const Contact& seen) {
    std::vector<reconcile::Refusal> refusals;
    ContactState state = FoldContact(planning, known, seen, &refusals, read_at);
    if (!refusals.empty()) refused[seen.id] = {seen.email, std::move(refusals)};
    return state;
  };
  CONNECTOR_RETURN_IF_ERROR(
      session.work().FinishContactsPage(session.Update(), cursor, page, fold));
  std::vector<Failure> failures;
  for (const auto& [id, entry] : refused) {
    std::vector<Failure> more = BookRefusals(session, entry.first, entry.second);
    failures.insert(failures.end(), more.begin(), more.end());
  }
  if (failures.empty()) return absl::OkStatus();
  return session.work().RecordFailures(session.connection(), failures);
}

// Brevo's place is an offset, so it is kept with the total it was true for: "2000/15321".
struct Offset {
  int64_t offset = 0;
  int64_t total = 0;
};

absl::StatusOr<Offset> ParseOffset(const std::string& text) {
  Offset place;
  if (text.empty()) return place;
  const std::vector<std::string> parts = absl::StrSplit(text, '/');
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &place.offset) ||
      !absl::SimpleAtoi(parts[1], &place.total)) {
    return absl::DataLossError("contacts cursor is no offset: " + text);
  }
  return place;
}

// Where to read on. Contacts deleted meanwhile have moved the later ones forward, over the edge of
// the page: step back by as many.
store::Cursor NextOffset(const Offset& place, int64_t got, int64_t total) {
  const int64_t vanished = place.total - total;
  if (place.offset > 0 && vanished > 0) {
    return {absl::StrCat(std::max<int64_t>(place.offset - vanished, 0), "/", total), false};
  }
  const int64_t next = place.offset + got;
  const bool done = got == 0 || (total > 0 ? next >= total : got < kContactsPerPage);
  return {absl::StrCat(next, "/", total), done};
}

// A contact that was imported and is not there: Brevo drops a row whose phone another contact has,
// and may only count such rows. What was written counts as refused where that can be the reason.
bool ForgetWrites(ContactState& state) {
  if (state.existence != Existence::kPresent) return false;
  state.existence = Existence::kAbsent;
  state.lists.clear();
  state.lists_put.clear();
  for (FieldState& field : state.fields) {
    if (IdentifierKindOf(field.attribute)) field.refused = field.unconfirmed;
    field.unconfirmed.reset();
  }
  return true;
}

// Gives every contact that Brevo has never shown to `change`; those it changed are stored and
// marked dirty for the run. Returns how many.
absl::StatusOr<int64_t> EachNeverShown(RunSession& session,
                                       const std::function<bool(ContactState&)>& change) {
  int64_t after = 0;
  int64_t changed_in_all = 0;
  while (true) {
    CONNECTOR_RETURN_IF_ERROR(session.CheckGoOn());
    CONNECTOR_ASSIGN_OR_RETURN(
        std::vector<ContactState> states,
        session.work().ContactsNeverShown(session.connection(), after, kContactsPerPage));
    if (states.empty()) return changed_in_all;
    after = states.back().key;
    std::erase_if(states, [&](ContactState& state) { return !change(state); });
    if (states.empty()) continue;
    changed_in_all += static_cast<int64_t>(states.size());
    CONNECTOR_RETURN_IF_ERROR(session.work().ReopenContacts(session.Update(), states));
  }
}

}  // namespace

absl::Status WalkContacts(const Accounts& accounts, const Planning& planning, RunSession& session,
                          std::optional<Time> modified_since) {
  store::Store& store = session.work();
  const std::string& connection = session.connection();
  CONNECTOR_ASSIGN_OR_RETURN(store::Cursor cursor, store.GetCursor(session.lease(), "contacts"));
  CONNECTOR_ASSIGN_OR_RETURN(Offset place, ParseOffset(cursor.value));
  while (!cursor.done) {
    CONNECTOR_RETURN_IF_ERROR(session.CheckGoOn());
    const Time read_at = accounts.clock.Now();
    const http::CallContext context = session.BrevoContext();
    CONNECTOR_ASSIGN_OR_RETURN(const auto page, session.turns().GiveWhile([&] {
      return accounts.brevo.ListContacts(place.offset, modified_since, context);
    }));
    if (cursor.value.empty() && page.server_time) {
      CONNECTOR_RETURN_IF_ERROR(
          store.SetWatermark(connection, kContactsReadNext, FormatSeconds(*page.server_time)));
    }
    CONNECTOR_RETURN_IF_ERROR(RecordMalformed(session, "contact", page.malformed));
    if (!modified_since) CONNECTOR_RETURN_IF_ERROR(NoteSeen(session, page));
    const auto got = static_cast<int64_t>(page.contacts.size() + page.malformed.size());
    cursor = NextOffset(place, got, page.total);
    CONNECTOR_ASSIGN_OR_RETURN(place, ParseOffset(cursor.value));
    ++session.progress().pages;
    CONNECTOR_RETURN_IF_ERROR(FoldContactsPage(planning, session, page.contacts, read_at, cursor));
  }
  CONNECTOR_ASSIGN_OR_RETURN(const std::string read,
                             store.GetWatermark(connection, kContactsReadNext));
  return store.SetWatermark(connection, kContactsRead, read);
}

absl::StatusOr<std::optional<Time>> ContactsReadAt(RunSession& session) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::string read,
                             session.work().GetWatermark(session.connection(), kContactsRead));
  return ParseTime(read);
}

absl::Status ResolveUnknownContacts(const Accounts& accounts, const Planning& planning,
                                    RunSession& session) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::optional<Time> read, ContactsReadAt(session));
  if (!read) return absl::OkStatus();
  int unknown = 0;
  const auto count = [&](const ContactState& state) {
    unknown += state.existence == Existence::kUnknown ? 1 : 0;
    return false;
  };
  CONNECTOR_RETURN_IF_ERROR(EachNeverShown(session, count).status());
  if (unknown < accounts.settings.import_threshold) return absl::OkStatus();
  CONNECTOR_RETURN_IF_ERROR(WalkContacts(accounts, planning, session, *read - kOverlap));
  return EachNeverShown(session,
                        [](ContactState& state) {
                          if (state.existence != Existence::kUnknown) return false;
                          state.existence = Existence::kAbsent;
                          return true;
                        })
      .status();
}

absl::Status ReopenVanishedContacts(RunSession& session) {
  CONNECTOR_ASSIGN_OR_RETURN(const int64_t vanished, EachNeverShown(session, ForgetWrites));
  if (vanished > 0) {
    session.Warn(absl::StrCat("Brevo took ", vanished,
                              " contacts of an import and does not have them; they are written "
                              "again without the phone numbers it may have objected to"));
  }
  return absl::OkStatus();
}

}  // namespace connector::sync
