#include "sync/walk_activities.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "sync/activity_events.h"
#include "sync/page_walk.h"
#include "sync/seen_up_to.h"
#include "sync/walk_parts.h"
#include "sync/walk_persons.h"

namespace connector::sync {
namespace {

constexpr std::string_view kWalk = "activities";
constexpr std::string_view kById = "activities.by_id";

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
    const int64_t read_before = session_.progress().read;
    return WalkPages<Activity>(
        session_,
        {.cursor = kWalk,
         .records = "activities",
         .fetch =
             [&](const std::string& place, const http::CallContext& context) {
               return accounts_.pipedrive.ListActivities(query, place, context);
             },
         .finish = [&](pipedrive::Page<Activity> page, bool first,
                       const store::Cursor& next) -> absl::Status {
           if (!walk_.filtered()) {
             CONNECTOR_RETURN_IF_ERROR(NoteSeenUpTo(
                 session_, kActivitiesSince, page, first,
                 [this](std::string_view name, const auto& at) { return Save(name, at); }));
           }
           return FinishPage(page, kWalk, next);
         },
         .restart = [&] { session_.progress().read = read_before; }});
  }

  absl::Status WalkIds() {
    return sync::WalkIds<int64_t>(
        session_, kById, walk_.ids,
        [this](std::vector<int64_t> some, const store::Cursor& next) -> absl::Status {
          pipedrive::ActivitiesQuery query;
          query.ids = std::move(some);
          CONNECTOR_ASSIGN_OR_RETURN(const auto page, accounts_.pipedrive.ListActivities(
                                                          query, "", session_.PipedriveContext()));
          return FinishPage(page, kById, next);
        });
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
