#include "sync/missed_events.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "sync/append_all.h"
#include "sync/walk_parts.h"

namespace connector::sync {
namespace {

store::InboxEntry EntryOf(const Accounts& accounts, SourceObject object, int64_t id,
                          std::optional<Time> update_time, Time since) {
  store::InboxEntry entry;
  entry.connection = accounts.settings.connection;
  entry.source = store::EventSource::kReread;
  entry.lane = absl::StrCat(ToAbsl(SourceObjectName(object)), "/", id);
  entry.key = absl::StrCat(entry.lane, "/missed/",
                           FormatSeconds(update_time.value_or(accounts.clock.Now())));
  entry.received_at = accounts.clock.Now();
  entry.bulk = true;
  entry.body = FormatSeconds(since);
  return entry;
}

// Walks what `list` gives page by page.
template <typename Record, typename List>
absl::Status QueueAll(const Accounts& accounts, SourceObject object, Time since, List&& list) {
  std::string cursor;
  do {
    CONNECTOR_ASSIGN_OR_RETURN(const pipedrive::Page<Record> page, list(cursor));
    std::vector<store::InboxEntry> entries;
    entries.reserve(page.records.size());
    for (const Record& record : page.records) {
      entries.push_back(EntryOf(accounts, object, record.id, record.update_time, since));
    }
    CONNECTOR_RETURN_IF_ERROR(AppendAll(accounts.store, std::move(entries)));
    cursor = page.next_cursor;
  } while (!cursor.empty());
  return absl::OkStatus();
}

}  // namespace

bool TellsMissed(const Settings& settings, SourceObject object) {
  return (object == SourceObject::kPerson || object == SourceObject::kDeal) &&
         settings.event_rules.Concern(object);
}

absl::Status QueueMissed(const Accounts& accounts, SourceObject object, Time since,
                         const http::CallContext& context) {
  if (object == SourceObject::kDeal) {
    pipedrive::DealsQuery query;
    query.updated_since = since;
    return QueueAll<Deal>(accounts, object, since, [&](const std::string& cursor) {
      return accounts.pipedrive.ListDeals(query, cursor, context);
    });
  }
  pipedrive::PersonsQuery query;
  query.updated_since = since;
  return QueueAll<Person>(accounts, object, since, [&](const std::string& cursor) {
    return accounts.pipedrive.ListPersons(query, cursor, context);
  });
}

std::optional<Time> MissedSince(const store::InboxEntry& entry) {
  if (entry.source != store::EventSource::kReread || entry.body.empty()) return std::nullopt;
  return ParseTime(entry.body);
}

std::vector<SourceEvent> MissedEvents(const SourceEvent& latest, std::optional<Time> add_time,
                                      Time since) {
  std::vector<SourceEvent> events;
  const auto tell = [&](SourceAction action, Time at) {
    SourceEvent event = latest;
    event.action = action;
    event.occurred_at = at;
    event.key = SourceEventKey(SourceObjectName(event.object), event.id, action, at);
    events.push_back(std::move(event));
  };
  if (add_time && *add_time >= since) tell(SourceAction::kCreated, *add_time);
  if (latest.update_time && *latest.update_time >= since && latest.update_time != add_time) {
    tell(SourceAction::kChanged, *latest.update_time);
  }
  return events;
}

}  // namespace connector::sync
