#include "sync/walk_persons.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "base/time_format.h"
#include "mapping/person_mapper.h"
#include "sync/page_walk.h"
#include "sync/plan.h"
#include "sync/sweep.h"
#include "sync/walk_organizations.h"
#include "sync/walk_parts.h"

namespace connector::sync {
namespace {

constexpr std::string_view kWalk = "persons";

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

}  // namespace

absl::Status WalkPersons(const Accounts& accounts, const Planning& planning, RunSession& session,
                         const PersonsWalk& walk) {
  pipedrive::PersonsQuery query = walk.query;
  query.selection = PersonSelection(planning);
  if (!walk.query.ids.empty()) {
    return WalkIds<int64_t>(
        session, kWalk, walk.query.ids,
        [&](std::vector<int64_t> some, const store::Cursor& next) -> absl::Status {
          query.ids = std::move(some);
          CONNECTOR_ASSIGN_OR_RETURN(
              auto page, accounts.pipedrive.ListPersons(query, "", session.PipedriveContext()));
          return FinishPersons(accounts, planning, session, walk, std::move(page), next);
        });
  }
  return WalkPages<Person>(
      session, {.cursor = kWalk,
                .records = "persons",
                .fetch =
                    [&](const std::string& place, const http::CallContext& context) {
                      return accounts.pipedrive.ListPersons(query, place, context);
                    },
                .finish = [&](pipedrive::Page<Person> page, bool first,
                              const store::Cursor& next) -> absl::Status {
                  CONNECTOR_RETURN_IF_ERROR(NoteTime(session, walk.note_time_in, first, page));
                  if (walk.note_seen) CONNECTOR_RETURN_IF_ERROR(NoteSeen(session, page));
                  return FinishPersons(accounts, planning, session, walk, std::move(page), next);
                },
                .restart =
                    [&] {
                      session.progress().read = 0;
                      session.progress().unchanged = 0;
                      session.progress().skipped.clear();
                    }});
}

absl::Status CompletePersons(const Accounts& accounts, const Planning& planning,
                             RunSession& session, std::vector<int64_t> ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  CONNECTOR_ASSIGN_OR_RETURN(ids, session.work().UnknownPersons(session.connection(), ids));
  pipedrive::PersonsQuery query;
  query.selection = PersonSelection(planning);
  return ReadByHundreds(ids, [&](std::vector<int64_t> some) -> absl::Status {
    query.ids = std::move(some);
    CONNECTOR_ASSIGN_OR_RETURN(
        auto page, accounts.pipedrive.ListPersons(query, "", session.PipedriveContext()));
    return FoldPersons(accounts, planning, session, PersonsWalk{}, std::move(page), {"", true});
  });
}

}  // namespace connector::sync
