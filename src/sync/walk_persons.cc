#include "sync/walk_persons.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/time_format.h"
#include "mapping/person_mapper.h"
#include "sync/plan.h"
#include "sync/side_by_side.h"
#include "sync/sweep.h"
#include "sync/walk_organizations.h"
#include "sync/walk_parts.h"

namespace connector::sync {
namespace {

// Of one run's walk of persons, after a cursor was refused.
constexpr int kMostRestarts = 3;

// Counts who of a page has no contact, and shows it where that is what the run is for.
absl::Status BookSkips(RunSession& session, const std::vector<store::PersonRow>& rows,
                       const store::FoldCounts& counts) {
  const std::vector<int64_t>& unbound = counts.unbound;
  const std::vector<int64_t>& erased = counts.erased;
  std::vector<PlannedChange> skips;
  for (const store::PersonRow& row : rows) {
    SkipReason reason = SkipReason::kDeleted;
    if (std::find(erased.begin(), erased.end(), row.person.id) != erased.end()) {
      reason = SkipReason::kErased;
    } else if (!row.person.is_deleted) {
      if (std::find(unbound.begin(), unbound.end(), row.person.id) == unbound.end()) continue;
      reason = mapping::ChooseEmail(row.person).has_any ? SkipReason::kInvalidEmail
                                                        : SkipReason::kNoEmail;
    }
    ++session.progress().skipped[reason];
    skips.push_back(DescribeSkip(row.person.id, row.email, reason));
  }
  if (!session.run().options.dry_run || skips.empty()) return absl::OkStatus();
  return session.book().AppendPlan(session.lease(), skips);
}

// Commits a page of persons together with the place of the next one.
absl::Status FoldPersons(const Accounts& accounts, const Planning& planning, RunSession& session,
                         const PersonsWalk& walk, pipedrive::Page<Person> page,
                         const store::Cursor& next) {
  CONNECTOR_RETURN_IF_ERROR(RecordMalformed(session, "person", page.malformed));
  if (planning.map.wants_organizations) {
    CONNECTOR_RETURN_IF_ERROR(CompleteOrganizations(accounts, planning, session, page.records,
                                                    !walk.organizations_are_known));
  }
  ++session.progress().pages;
  std::vector<store::PersonRow> rows;
  rows.reserve(page.records.size());
  for (Person& person : page.records) rows.push_back(MakePersonRow(planning, std::move(person)));
  const Existence unseen = walk.contacts_are_known ? Existence::kAbsent : Existence::kUnknown;
  CONNECTOR_ASSIGN_OR_RETURN(
      const store::FoldCounts counts,
      session.work().FinishPersonsPage(session.Update(), next, rows, unseen, walk.mark_all));
  // Reaches the store with the next commit.
  session.progress().unchanged += counts.at_rest;
  if (counts.at_rest > 0) {
    const bool full = session.run().options.mode == RunMode::kFull;
    accounts.metrics.OnRecords(session.connection(), full ? "full" : "incremental", "unchanged",
                               counts.at_rest);
  }
  return BookSkips(session, rows, counts);
}

// The same for the persons that a run is about.
absl::Status FinishPersons(const Accounts& accounts, const Planning& planning, RunSession& session,
                           const PersonsWalk& walk, pipedrive::Page<Person> page,
                           const store::Cursor& next) {
  session.progress().read += static_cast<int64_t>(page.records.size() + page.malformed.size());
  return FoldPersons(accounts, planning, session, walk, std::move(page), next);
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
  query.selection = PersonSelection(planning);
  store::Store& store = session.work();
  CONNECTOR_ASSIGN_OR_RETURN(store::Cursor cursor, store.GetCursor(session.lease(), "persons"));
  if (!walk.query.ids.empty()) {
    return WalkPersonsById(accounts, planning, session, walk, std::move(query), cursor);
  }
  int restarts = 0;
  ReadAhead<pipedrive::Page<Person>> pages(session);
  const auto begin = [&](const std::string& place) {
    pages.Begin([&, place, context = session.PipedriveContext()] {
      return accounts.pipedrive.ListPersons(query, place, context);
    });
  };
  if (!cursor.done) begin(cursor.value);
  while (!cursor.done) {
    CONNECTOR_RETURN_IF_ERROR(session.CheckGoOn());
    auto answer = pages.Take();
    if (absl::IsOutOfRange(answer.status()) && ++restarts <= kMostRestarts) {
      cursor = RestartWalk(session);
      begin("");
      continue;
    }
    CONNECTOR_ASSIGN_OR_RETURN(auto page, std::move(answer));
    CONNECTOR_RETURN_IF_ERROR(NoteTime(session, walk.note_time_in, cursor.value.empty(), page));
    if (walk.note_seen) CONNECTOR_RETURN_IF_ERROR(NoteSeen(session, page));
    cursor = {page.next_cursor, page.next_cursor.empty()};
    if (!cursor.done) begin(cursor.value);
    CONNECTOR_RETURN_IF_ERROR(
        FinishPersons(accounts, planning, session, walk, std::move(page), cursor));
  }
  return absl::OkStatus();
}

absl::Status CompletePersons(const Accounts& accounts, const Planning& planning,
                             RunSession& session, std::vector<int64_t> ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  CONNECTOR_ASSIGN_OR_RETURN(ids, session.work().UnknownPersons(session.connection(), ids));
  pipedrive::PersonsQuery query;
  query.selection = PersonSelection(planning);
  for (size_t begin = 0; begin < ids.size(); begin += kIdsPerCall) {
    const size_t end = std::min(begin + kIdsPerCall, ids.size());
    query.ids.assign(ids.begin() + static_cast<std::ptrdiff_t>(begin),
                     ids.begin() + static_cast<std::ptrdiff_t>(end));
    CONNECTOR_ASSIGN_OR_RETURN(
        auto page, accounts.pipedrive.ListPersons(query, "", session.PipedriveContext()));
    CONNECTOR_RETURN_IF_ERROR(
        FoldPersons(accounts, planning, session, PersonsWalk{}, std::move(page), {"", true}));
  }
  return absl::OkStatus();
}

}  // namespace connector::sync
