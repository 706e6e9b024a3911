// SqlStore: what was told of activities.

#include "store/sql_activities.h"

#include <algorithm>

#include "base/status.h"
#include "store/sql_folds.h"
#include "store/sql_run_rows.h"
#include "store/sql_store.h"

namespace connector::store {
namespace {

// What is remembered of an activity.
struct Memory {
  bool added = false;  // told as added, or too old for it
  bool deleted = false;
  Time updated_at{};  // of the latest state that was told
};

absl::StatusOr<std::optional<Memory>> ReadMemory(SqlSession& session, int64_t id) {
  SqlQuery query = session.db().Query(
      "SELECT added, deleted, updated_at FROM activities WHERE conn = ? AND "
      "id = ?",
      session.conn(), id);
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  if (!found) return std::nullopt;
  return Memory{query.Int(0) != 0, query.Int(1) != 0, query.Instant(2)};
}

absl::Status WriteMemory(SqlSession& session, int64_t id, const Memory& memory) {
  return session.db().Execute(
      "INSERT INTO activities (conn, id, added, deleted, updated_at) VALUES (?, ?, ?, ?, ?) "
      "ON CONFLICT (conn, id) DO UPDATE SET added = excluded.added, deleted = excluded.deleted, "
      "updated_at = excluded.updated_at",
      session.conn(), id, memory.added, memory.deleted, memory.updated_at);
}

enum class News { kNone, kAdded, kChanged, kDeleted };

News Judge(const ActivityChange& change, const std::optional<Memory>& known) {
  if (known && known->deleted) return News::kNone;
  switch (change.told) {
    case ActivityChange::Told::kAdded:
      return known && known->added ? News::kNone : News::kAdded;
    case ActivityChange::Told::kChanged:
      return News::kChanged;
    case ActivityChange::Told::kDeleted:
      return News::kDeleted;
    case ActivityChange::Told::kSeen:
      break;
  }
  if (change.may_be_new && (!known || !known->added)) return News::kAdded;
  if (!known) return News::kChanged;
  return change.update_time && *change.update_time > known->updated_at ? News::kChanged
                                                                       : News::kNone;
}

}  // namespace

absl::Status FoldActivity(SqlSession& session, const ActivityChange& change, ActivityFold& counts) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::optional<Memory> known, ReadMemory(session, change.id));
  Memory memory = known.value_or(Memory{});
  const News news = Judge(change, known);
  const std::vector<OutboxEvent>* events = nullptr;
  switch (news) {
    case News::kNone:
      ++counts.unchanged;
      break;
    case News::kAdded:
      ++counts.added;
      events = &change.if_added;
      break;
    case News::kChanged:
      ++counts.changed;
      events = &change.if_changed;
      break;
    case News::kDeleted:
      ++counts.changed;
      events = &change.if_deleted;
      memory.deleted = true;
      break;
  }
  if (events == nullptr) return absl::OkStatus();
  for (const OutboxEvent& event : *events) {
    CONNECTOR_RETURN_IF_ERROR(AppendOutboxEvent(session, event));
  }
  // What is seen and is not news of an addition was there before anything was told.
  memory.added |= news == News::kAdded || change.told == ActivityChange::Told::kSeen;
  memory.updated_at = std::max(memory.updated_at, change.update_time.value_or(Time{}));
  return WriteMemory(session, change.id, memory);
}

absl::StatusOr<ActivityFold> SqlStore::FinishActivitiesPage(
    const RunUpdate& update, std::string_view walk, const Cursor& cursor,
    const std::vector<ActivityChange>& page) {
  ActivityFold counts;
  const absl::Status done =
      Write(update.lease.connection, [&](SqlSession& session) -> absl::Status {
        counts = {};
        for (const ActivityChange& change : page) {
          CONNECTOR_RETURN_IF_ERROR(FoldActivity(session, change, counts));
        }
        RunUpdate counted = update;
        counted.progress.created += counts.added;
        counted.progress.updated += counts.changed;
        counted.progress.unchanged += counts.unchanged;
        CONNECTOR_ASSIGN_OR_RETURN(const int64_t run, CommitProgress(session, counted));
        return SaveCursor(session, run, walk, cursor);
      });
  if (!done.ok()) return done;
  return counts;
}

}  // namespace connector::store
