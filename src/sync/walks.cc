#include "sync/walks.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "base/time_format.h"
#include "mapping/person_mapper.h"

namespace connector::sync {
namespace {

// Of one list call by ids, as both APIs' descriptions say.
constexpr size_t kIdsPerCall = 100;
// Of one run's walk of persons, after a cursor was refused.
constexpr int kMostRestarts = 3;
// Of Brevo's contact list, see brevo::Client.
constexpr int kContactsPerPage = 1000;

// When the last whole look at Brevo began, by its clock; and the same of the look under way.
constexpr std::string_view kContactsRead = "contacts.read";
constexpr std::string_view kContactsReadNext = "contacts.read.next";

template <typename Malformed>
std::vector<Failure> BookMalformed(RunSession& session, std::string_view entity,
                                   const std::vector<Malformed>& records) {
  std::vector<Failure> failures;
  for (const Malformed& record : records) {
    session.CountFailure(FailureReason::kMalformedRecord);
    failures.push_back({.run_id = session.run().id,
                        .entity = std::string(entity),
                        .entity_id = record.id,
                        .reason = FailureReason::kMalformedRecord,
                        .detail = record.problem});
  }
  return failures;
}

// A page's malformed records are booked before the page itself: if the process dies in between they
// are booked twice rather than never.
template <typename Malformed>
absl::Status RecordMalformed(RunSession& session, std::string_view entity,
                             const std::vector<Malformed>& records) {
  if (records.empty()) return absl::OkStatus();
  return session.work().RecordFailures(session.connection(),
                                       BookMalformed(session, entity, records));
}

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
                              const std::vector<Contact>& page, const store::Cursor& cursor) {
  // The fold may run more than once in a transaction; refusals are told by contact, once.
  std::map<int64_t, std::pair<std::string, std::vector<reconcile::Refusal>>> refused;
  const store::ContactFold fold = [&](const std::optional<ContactState>& known,
                                      const Contact& seen) {
    std::vector<reconcile::Refusal> refusals;
    ContactState state = FoldContact(planning, known, seen, &refusals);
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

pipedrive::Selection SelectionFor(std::vector<std::string> keys, bool counts,
                                  const std::vector<PipedriveField>& fields) {
  pipedrive::Selection selection;
  selection.deal_counts = counts;
  selection.custom_keys = std::move(keys);
  const auto custom = std::find_if(fields.begin(), fields.end(),
                                   [](const PipedriveField& field) { return field.is_custom; });
  if (custom != fields.end()) selection.placeholder_key = custom->key;
  for (const PipedriveField& field : fields) {
    if (std::binary_search(selection.custom_keys.begin(), selection.custom_keys.end(), field.key)) {
      selection.custom_types[field.key] = field.type;
    }
  }
  return selection;
}

store::PersonRow RowOf(const Planning& planning, RunSession& session, Person person) {
  const mapping::EmailChoice choice = mapping::ChooseEmail(person);
  if (person.is_deleted) {
    ++session.progress().skipped[SkipReason::kDeleted];
  } else if (choice.email.empty()) {
    ++session.progress().skipped[choice.has_any ? SkipReason::kInvalidEmail : SkipReason::kNoEmail];
  }
  const std::string ext_id = planning.ExtIdOf(person.id);
  return {std::move(person), choice.email, ext_id};
}

// Sorted ids of the organizations of these persons that are not stored.
absl::StatusOr<std::vector<int64_t>> UnknownOrganizations(RunSession& session,
                                                          const std::vector<Person>& persons) {
  std::vector<int64_t> ids;
  for (const Person& person : persons) {
    if (person.org_id) ids.push_back(*person.org_id);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return session.work().UnknownOrganizations(session.connection(), ids);
}

// Stores the organizations that persons refer to and nobody has brought yet. With `may_ask`
// Pipedrive is asked for them; what it does not give (deleted, invisible), and everything when all
// were walked just now, is noted as deleted, so that it is not asked for again.
absl::Status CompleteOrganizations(const Accounts& accounts, const Planning& planning,
                                   RunSession& session, const std::vector<Person>& persons,
                                   bool may_ask) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::vector<int64_t> ids,
                             UnknownOrganizations(session, persons));
  for (size_t begin = 0; begin < ids.size(); begin += kIdsPerCall) {
    const auto first = ids.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last =
        ids.begin() + static_cast<std::ptrdiff_t>(std::min(begin + kIdsPerCall, ids.size()));
    pipedrive::Page<Organization> page;
    if (may_ask) {
      pipedrive::OrganizationsQuery query;
      query.selection =
          SelectionFor(planning.map.organization_keys, false, planning.schema.organization_fields);
      query.ids.assign(first, last);
      CONNECTOR_ASSIGN_OR_RETURN(
          page, accounts.pipedrive.ListOrganizations(query, "", session.PipedriveContext()));
    }
    std::set<int64_t> missing(first, last);
    for (const Organization& organization : page.records) missing.erase(organization.id);
    for (const int64_t id : missing) page.records.push_back({.id = id, .is_deleted = true});
    const store::Cursor walk_is_over{.value = "", .done = true};
    CONNECTOR_RETURN_IF_ERROR(
        session.work()
            .FinishOrganizationsPage(session.Update(), walk_is_over, page.records)
            .status());
  }
  return absl::OkStatus();
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
  while (!cursor.done) {
    CONNECTOR_RETURN_IF_ERROR(session.CheckGoOn());
    CONNECTOR_ASSIGN_OR_RETURN(const Offset place, ParseOffset(cursor.value));
    CONNECTOR_ASSIGN_OR_RETURN(auto page, accounts.brevo.ListContacts(place.offset, modified_since,
                                                                      session.BrevoContext()));
    if (cursor.value.empty() && page.server_time) {
      CONNECTOR_RETURN_IF_ERROR(
          store.SetWatermark(connection, kContactsReadNext, FormatSeconds(*page.server_time)));
    }
    CONNECTOR_RETURN_IF_ERROR(RecordMalformed(session, "contact", page.malformed));
    const auto got = static_cast<int64_t>(page.contacts.size() + page.malformed.size());
    cursor = NextOffset(place, got, page.total);
    ++session.progress().pages;
    CONNECTOR_RETURN_IF_ERROR(FoldContactsPage(planning, session, page.contacts, cursor));
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

absl::Status WalkOrganizations(const Accounts& accounts, const Planning& planning,
                               RunSession& session, std::optional<Time> since) {
  if (!planning.map.wants_organizations) return absl::OkStatus();
  pipedrive::OrganizationsQuery query;
  query.selection =
      SelectionFor(planning.map.organization_keys, false, planning.schema.organization_fields);
  query.updated_since = since;
  CONNECTOR_ASSIGN_OR_RETURN(store::Cursor cursor,
                             session.work().GetCursor(session.lease(), "organizations"));
  while (!cursor.done) {
    CONNECTOR_RETURN_IF_ERROR(session.CheckGoOn());
    CONNECTOR_ASSIGN_OR_RETURN(auto page, accounts.pipedrive.ListOrganizations(
                                              query, cursor.value, session.PipedriveContext()));
    CONNECTOR_RETURN_IF_ERROR(RecordMalformed(session, "organization", page.malformed));
    cursor = {page.next_cursor, page.next_cursor.empty()};
    ++session.progress().pages;
    CONNECTOR_RETURN_IF_ERROR(
        session.work().FinishOrganizationsPage(session.Update(), cursor, page.records).status());
  }
  return absl::OkStatus();
}

namespace {

// Commits a page of persons together with the place of the next one.
absl::Status FinishPersons(const Accounts& accounts, const Planning& planning, RunSession& session,
                           const PersonsWalk& walk, pipedrive::Page<Person> page,
                           const store::Cursor& next) {
  CONNECTOR_RETURN_IF_ERROR(RecordMalformed(session, "person", page.malformed));
  if (planning.map.wants_organizations) {
    CONNECTOR_RETURN_IF_ERROR(CompleteOrganizations(accounts, planning, session, page.records,
                                                    !walk.organizations_are_known));
  }
  session.progress().read += static_cast<int64_t>(page.records.size() + page.malformed.size());
  ++session.progress().pages;
  std::vector<store::PersonRow> rows;
  rows.reserve(page.records.size());
  for (Person& person : page.records) rows.push_back(RowOf(planning, session, std::move(person)));
  const Existence unseen = walk.contacts_are_known ? Existence::kAbsent : Existence::kUnknown;
  CONNECTOR_ASSIGN_OR_RETURN(
      const store::FoldCounts counts,
      session.work().FinishPersonsPage(session.Update(), next, rows, unseen, walk.mark_all));
  // Reaches the store with the next commit.
  session.progress().unchanged += counts.at_rest;
  return absl::OkStatus();
}

// Notes in a watermark up to when the walk has seen every change: the time of the first answer by
// Pipedrive's clock or, where an answer has no Date, the newest update any page showed.
absl::Status NoteTime(RunSession& session, const std::string& watermark, bool first_page,
                      const pipedrive::Page<Person>& page) {
  if (watermark.empty() || (page.server_time && !first_page)) return absl::OkStatus();
  store::Store& store = session.work();
  if (page.server_time) {
    return store.SetWatermark(session.connection(), watermark, FormatSeconds(*page.server_time));
  }
  std::string newest;
  if (!first_page) {
    CONNECTOR_ASSIGN_OR_RETURN(newest, store.GetWatermark(session.connection(), watermark));
  }
  for (const Person& person : page.records) {
    if (person.update_time) newest = std::max(newest, FormatSeconds(*person.update_time));
  }
  return store.SetWatermark(session.connection(), watermark, newest);
}

// Pipedrive may forget a cursor. What was read is folded again, which changes nothing, and is
// counted anew.
store::Cursor RestartWalk(RunSession& session) {
  RunProgress& progress = session.progress();
  progress.read = 0;
  progress.unchanged = 0;
  progress.skipped.clear();
  session.Warn(
      "Pipedrive no longer knew the place in its list of persons; it is read from the start");
  return {};
}

// Ids are read by the hundred; the place is an index into them.
absl::Status WalkPersonsById(const Accounts& accounts, const Planning& planning,
                             RunSession& session, const PersonsWalk& walk,
                             pipedrive::PersonsQuery query, store::Cursor cursor) {
  while (!cursor.done) {
    CONNECTOR_RETURN_IF_ERROR(session.CheckGoOn());
    size_t begin = 0;
    if (!cursor.value.empty() && !absl::SimpleAtoi(cursor.value, &begin)) {
      return absl::DataLossError("persons cursor is no index: " + cursor.value);
    }
    const std::vector<int64_t>& ids = walk.query.ids;
    const size_t end = std::min(begin + kIdsPerCall, ids.size());
    begin = std::min(begin, end);
    query.ids.assign(ids.begin() + static_cast<std::ptrdiff_t>(begin),
                     ids.begin() + static_cast<std::ptrdiff_t>(end));
    CONNECTOR_ASSIGN_OR_RETURN(
        auto page, accounts.pipedrive.ListPersons(query, "", session.PipedriveContext()));
    cursor = {absl::StrCat(end), end == ids.size()};
    CONNECTOR_RETURN_IF_ERROR(
        FinishPersons(accounts, planning, session, walk, std::move(page), cursor));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WalkPersons(const Accounts& accounts, const Planning& planning, RunSession& session,
                         const PersonsWalk& walk) {
  pipedrive::PersonsQuery query = walk.query;
  query.selection = SelectionFor(planning.map.person_keys, planning.map.wants_deal_counts,
                                 planning.schema.person_fields);
  store::Store& store = session.work();
  CONNECTOR_ASSIGN_OR_RETURN(store::Cursor cursor, store.GetCursor(session.lease(), "persons"));
  if (!walk.query.ids.empty()) {
    return WalkPersonsById(accounts, planning, session, walk, std::move(query), cursor);
  }
  int restarts = 0;
  while (!cursor.done) {
    CONNECTOR_RETURN_IF_ERROR(session.CheckGoOn());
    auto answer = accounts.pipedrive.ListPersons(query, cursor.value, session.PipedriveContext());
    if (absl::IsOutOfRange(answer.status()) && ++restarts <= kMostRestarts) {
      cursor = RestartWalk(session);
      continue;
    }
    CONNECTOR_ASSIGN_OR_RETURN(auto page, std::move(answer));
    CONNECTOR_RETURN_IF_ERROR(NoteTime(session, walk.note_time_in, cursor.value.empty(), page));
    cursor = {page.next_cursor, page.next_cursor.empty()};
    CONNECTOR_RETURN_IF_ERROR(
        FinishPersons(accounts, planning, session, walk, std::move(page), cursor));
  }
  return absl::OkStatus();
}

}  // namespace connector::sync
