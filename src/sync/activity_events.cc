#include "sync/activity_events.h"

#include <string>
#include <utility>
#include <vector>

namespace connector::sync {
namespace {

std::vector<OutboxEvent> ComposeAll(const EventRules& rules, const AccountSchema& schema,
                                    const SourceEvent& event) {
  std::vector<OutboxEvent> all;
  for (const int64_t person : PersonsOf(rules, event)) {
    for (OutboxEvent& composed : ComposeEvents(rules, event, person, schema)) {
      all.push_back(std::move(composed));
    }
  }
  return all;
}

}  // namespace

store::ActivityChange SeenActivity(const EventRules& rules, const AccountSchema& schema,
                                   const Activity& activity, bool may_be_new) {
  store::ActivityChange change;
  change.id = activity.id;
  change.update_time = activity.update_time ? activity.update_time : activity.add_time;
  change.may_be_new = may_be_new;
  SourceEvent event;
  event.object = SourceObject::kActivity;
  event.id = std::to_string(activity.id);
  event.update_time = change.update_time;
  event.record = activity;
  const auto compose = [&](SourceAction action, std::optional<Time> occurred_at) {
    event.action = action;
    event.occurred_at = occurred_at;
    event.key = SourceEventKey(SourceObjectName(event.object), event.id, action,
                               change.update_time.value_or(Time{}));
    return ComposeAll(rules, schema, event);
  };
  if (may_be_new) {
    change.if_added =
        compose(SourceAction::kCreated, activity.add_time ? activity.add_time : change.update_time);
  }
  change.if_changed = compose(SourceAction::kChanged, change.update_time);
  return change;
}

store::ActivityChange ToldActivity(const EventRules& rules, const AccountSchema& schema, int64_t id,
                                   const SourceEvent& event) {
  using Told = store::ActivityChange::Told;
  store::ActivityChange change;
  change.id = id;
  change.update_time = event.update_time;
  std::vector<OutboxEvent> events = ComposeAll(rules, schema, event);
  switch (event.action) {
    case SourceAction::kCreated:
      change.told = Told::kAdded;
      change.if_added = std::move(events);
      break;
    case SourceAction::kDeleted:
      change.told = Told::kDeleted;
      change.if_deleted = std::move(events);
      break;
    case SourceAction::kChanged:
    case SourceAction::kMerged:
      change.told = Told::kChanged;
      change.if_changed = std::move(events);
      break;
  }
  return change;
}

}  // namespace connector::sync
