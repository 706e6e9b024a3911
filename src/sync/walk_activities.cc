#include "sync/walk_activities.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "sync/activity_events.h"
#include "sync/seen_up_to.h"
#include "sync/walk_parts.h"
#include "sync/walk_persons.h"

namespace connector::sync {
namespace {

constexpr std::string_view kWalk = "activities";
constexpr std::string_view kById = "activities.by_id";
// Of one run's walk, after a cursor was refused.
constexpr int kMostRestarts = 3;

// One walk under way.
class ActivityWalker {
 public:
  ActivityWalker(const Accounts& accounts, const Planning& planning, RunSession& session,
                 const ActivitiesWalk& walk)
      : accounts_(accounts), planning_(planning), session_(session), walk_(walk) {}

  absl::Status WalkAll() {
    pipedrive::ActivitiesQuery query;
    query.updated_since = walk_.since;
    query.filter_id = walk_.filter_id;
    CONNECTOR_ASSIGN_OR_RETURN(store::Cursor cursor,
                               session_.work().GetCursor(session_.lease(), kWalk));
    const int64_t read_before = session_.progress().read;
    int restarts = 0;
    while (!cursor.done) {
      CONNECTOR_RETURN_IF_ERROR(session_.CheckGoOn());
      auto answer =
          accounts_.pipedrive.ListActivities(query, cursor.value, session_.PipedriveContext());
      if (absl::IsOutOfRange(answer.status()) && ++restarts <= kMostRestarts) {
        session_.Warn(
            "Pipedrive no longer knew the place in its list of activities; it is read again");
        session_.progress().read = read_before;
        cursor = {};
        continue;
      }
      CONNECTOR_ASSIGN_OR_RETURN(auto page, std::move(answer));
      if (!walk_.filtered()) {
        CONNECTOR_RETURN_IF_ERROR(NoteSeenUpTo(
            session_, kActivitiesSince, page, cursor.value.empty(),
            [this](std::string_view name, const store::Cursor& at) { return Save(name, at); }));
      }
      cursor = {page.next_cursor, page.next_cursor.empty()};
      CONNECTOR_RETURN_IF_ERROR(FinishPage(page, kWalk, cursor));
    }
    return absl::OkStatus();
  }

  // The place is an index into the ids.
  absl::Status WalkIds() {
    CONNECTOR_ASSIGN_OR_RETURN(store::Cursor cursor,
                               session_.work().GetCursor(session_.lease(), kById));
    while (!cursor.done) {
      CONNECTOR_RETURN_IF_ERROR(session_.CheckGoOn());
      size_t begin = 0;
      if (!cursor.value.empty() && !absl::SimpleAtoi(cursor.value, &begin)) {
        return absl::DataLossError("activities cursor is no index: " + cursor.value);
      }
      begin = std::min(begin, walk_.ids.size());
      const size_t end = std::min(begin + kIdsPerCall, walk_.ids.size());
      pipedrive::ActivitiesQuery query;
      query.ids = {walk_.ids.begin() + static_cast<std::ptrdiff_t>(begin),
                   walk_.ids.begin() + static_cast<std::ptrdiff_t>(end)};
      CONNECTOR_ASSIGN_OR_RETURN(const auto page, accounts_.pipedrive.ListActivities(
                                                      query, "", session_.PipedriveContext()));
      cursor = {absl::StrCat(end), end == walk_.ids.size()};
      CONNECTOR_RETURN_IF_ERROR(FinishPage(page, kById, cursor));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Save(std::string_view name, const store::Cursor& cursor) {
    return session_.work().FinishActivitiesPage(session_.Update(), name, cursor, {}).status();
  }

  bool IsTold(const Activity& activity) const {
    if (activity.is_deleted) return false;
    return !walk_.from || !activity.update_time || *activity.update_time >= *walk_.from;
  }

  absl::Status FinishPage(const pipedrive::Page<Activity>& page, std::string_view name,
                          const store::Cursor& cursor) {
    CONNECTOR_RETURN_IF_ERROR(RecordMalformed(session_, "activity", page.malformed));
    std::vector<store::ActivityChange> changes;
    std::vector<int64_t> persons;
    for (const Activity& activity : page.records) {
      if (!IsTold(activity)) continue;
      changes.push_back(SeenActivity(accounts_.settings.event_rules, planning_.schema, activity,
                                     MayBeNew(activity, walk_.from)));
      const store::ActivityChange& change = changes.back();
      for (const auto* events : {&change.if_added, &change.if_changed}) {
        for (const OutboxEvent& event : *events) persons.push_back(event.person_id);
      }
    }
    CONNECTOR_RETURN_IF_ERROR(CompletePersons(accounts_, planning_, session_, std::move(persons)));
    RunProgress& progress = session_.progress();
    ++progress.pages;
    progress.read += static_cast<int64_t>(page.records.size() + page.malformed.size());
    progress.unchanged += static_cast<int64_t>(page.records.size() - changes.size());
    CONNECTOR_ASSIGN_OR_RETURN(
        const store::ActivityFold fold,
        session_.work().FinishActivitiesPage(session_.Update(), name, cursor, changes));
    progress.created += fold.added;
    progress.updated += fold.changed;
    progress.unchanged += fold.unchanged;
    return absl::OkStatus();
  }

  const Accounts& accounts_;
  const Planning& planning_;
  RunSession& session_;
  const ActivitiesWalk& walk_;
};

}  // namespace

bool MayBeNew(const Activity& activity, std::optional<Time> from) {
  return !from || !activity.add_time || *activity.add_time >= *from;
}

absl::Status WalkActivities(const Accounts& accounts, const Planning& planning, RunSession& session,
                            const ActivitiesWalk& walk) {
  ActivityWalker walker(accounts, planning, session, walk);
  return walk.ids.empty() ? walker.WalkAll() : walker.WalkIds();
}

}  // namespace connector::sync
