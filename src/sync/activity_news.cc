#include "sync/activity_news.h"

#include <utility>

#include "base/status.h"
#include "base/time_format.h"
#include "sync/walk_activities.h"
#include "sync/walk_parts.h"

namespace connector::sync {

void ActivityNews::Note(int64_t id, const SourceEvent& event) {
  if (event.action == SourceAction::kDeleted) return;
  if (event.hint || event.record.index() == 0) to_read_.insert(id);
}

absl::Status ActivityNews::Resolve() {
  if (to_read_.empty()) return absl::OkStatus();
  CONNECTOR_ASSIGN_OR_RETURN(
      const std::string from,
      accounts_.store.GetWatermark(accounts_.settings.connection, kActivitiesFrom));
  told_from_ = ParseTime(from);
  return ReadByHundreds({to_read_.begin(), to_read_.end()},
                        [this](std::vector<int64_t> some) -> absl::Status {
                          pipedrive::ActivitiesQuery query;
                          query.ids = std::move(some);
                          CONNECTOR_ASSIGN_OR_RETURN(
                              auto page, accounts_.pipedrive.ListActivities(query, "", context_));
                          for (Activity& activity : page.records) {
                            read_[activity.id] = std::move(activity);
                          }
                          return absl::OkStatus();
                        });
}

const Activity* ActivityNews::Find(int64_t id) const {
  const auto found = read_.find(id);
  return found == read_.end() || found->second.is_deleted ? nullptr : &found->second;
}

}  // namespace connector::sync
