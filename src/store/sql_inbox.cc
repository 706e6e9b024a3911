// SqlStore: storing received events, leasing them, and how far one is.

#include <algorithm>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/status.h"
#include "model/wire_format.h"
#include "store/append_queue.h"
#include "store/sql_database.h"
#include "store/sql_session.h"
#include "store/sql_store.h"

namespace connector::store {
namespace {

// nullopt if the key is known.
absl::StatusOr<std::optional<int64_t>> TakeKey(SqlHandle& db, int64_t conn,
                                               const InboxEntry& entry) {
  SqlQuery query = db.Query(
      "INSERT INTO inbox_keys (conn, key, received_at) VALUES (?, ?, ?) "
      "ON CONFLICT (conn, key) DO NOTHING RETURNING id",
      conn, entry.key, entry.received_at);
  CONNECTOR_ASSIGN_OR_RETURN(const bool inserted, query.Next());
  if (!inserted) return std::nullopt;
  return query.Int(0);
}

absl::StatusOr<Appended> InsertEvent(SqlHandle& db, int64_t conn, const InboxEntry& entry) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::optional<int64_t> id, TakeKey(db, conn, entry));
  if (!id) return Appended::kDuplicate;
  CONNECTOR_RETURN_IF_ERROR(
      db.Execute("INSERT INTO inbox (id, conn, source, lane, received_at, bulk, body) "
                 "VALUES (?, ?, ?, ?, ?, ?, ?)",
                 *id, conn, static_cast<int>(entry.source), entry.lane, entry.received_at,
                 entry.bulk, Blob{entry.body}));
  return Appended::kAccepted;
}

struct InboxLease {
  std::string_view connection;
  std::string_view owner;
  Time now{};
  Time until{};
};

// Lanes nobody holds, in the order of their oldest event of this kind.
absl::Status CollectLanes(SqlHandle& db, int64_t conn, bool bulk, Time now, size_t limit,
                          std::vector<std::string>& lanes) {
  absl::flat_hash_set<std::string> seen(lanes.begin(), lanes.end());
  SqlQuery query = db.Query(
      "SELECT i.lane FROM inbox i INDEXED BY inbox_order WHERE i.conn = ?1 AND i.bulk = ?2 "
      "AND NOT EXISTS (SELECT 1 FROM inbox_lanes l WHERE l.conn = i.conn AND l.lane = i.lane "
      "AND (l.lease_until > ?3 OR l.not_before > ?3)) ORDER BY i.id",
      conn, bulk, now);
  while (lanes.size() < limit) {
    CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
    if (!more) break;
    std::string lane = query.Text(0);
    if (seen.insert(lane).second) lanes.push_back(std::move(lane));
  }
  return absl::OkStatus();
}

// What one lease may take; a leaser holds it in memory.
class Room {
 public:
  explicit Room(size_t events) : events_(events) {}
  bool Left() const { return events_ > 0 && bytes_ < kMostBytes; }
  void Take(size_t bytes) {
    --events_;
    bytes_ += bytes;
  }

 private:
  static constexpr size_t kMostBytes = size_t{4} << 20;
  size_t events_;
  size_t bytes_ = 0;
};

absl::Status ReadLane(SqlSession& session, std::string_view connection, const std::string& lane,
                      Room& room, std::vector<LeasedEvent>& events) {
  SqlQuery query = session.db().Query(
      "SELECT i.id, i.source, k.key, i.received_at, i.bulk, i.body, i.attempts FROM inbox i "
      "INDEXED BY inbox_by_lane JOIN inbox_keys k ON k.id = i.id "
      "WHERE i.conn = ? AND i.lane = ? ORDER BY i.id",
      session.conn(), lane);
  while (room.Left()) {
    CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
    if (!more) break;
    LeasedEvent event;
    event.id = query.Int(0);
    event.entry = {std::string(connection),
                   static_cast<EventSource>(query.Int(1)),
                   query.Text(2),
                   lane,
                   query.Instant(3),
                   query.Int(4) != 0,
                   query.Text(5)};
    event.attempts = static_cast<int>(query.Int(6)) + 1;
    room.Take(event.entry.body.size());
    events.push_back(std::move(event));
  }
  return absl::OkStatus();
}

// Whoever held the lane before died over it or was too slow: that was an attempt.
absl::Status CountRescue(SqlSession& session, const std::string& lane) {
  std::optional<int64_t> last;
  {
    SqlQuery query = session.db().Query(
        "SELECT last_event FROM inbox_lanes WHERE conn = ? AND lane = ? AND lease_until > 0",
        session.conn(), lane);
    CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
    if (found) last = query.Int(0);
  }
  if (!last) return absl::OkStatus();
  return session.db().Execute(
      "UPDATE inbox SET attempts = attempts + 1 WHERE conn = ? AND lane = ? AND id <= ?",
      session.conn(), lane, *last);
}

absl::StatusOr<bool> Any(SqlQuery query) { return query.Next(); }

absl::StatusOr<bool> IsFree(SqlSession& session, const std::string& lane, Time now) {
  CONNECTOR_ASSIGN_OR_RETURN(
      const bool held,
      Any(session.db().Query("SELECT 1 FROM inbox_lanes WHERE conn = ?1 AND lane = ?3 AND "
                             "(lease_until > ?2 OR not_before > ?2)",
                             session.conn(), now, lane)));
  return !held;
}

// Leases as much of a lane as there is room for.
absl::Status LeaseLane(SqlSession& session, const std::string& lane, const InboxLease& lease,
                       Room& room, std::vector<LeasedEvent>& events) {
  CONNECTOR_ASSIGN_OR_RETURN(const bool free, IsFree(session, lane, lease.now));
  if (!free) return absl::OkStatus();
  CONNECTOR_RETURN_IF_ERROR(CountRescue(session, lane));
  const size_t before = events.size();
  CONNECTOR_RETURN_IF_ERROR(ReadLane(session, lease.connection, lane, room, events));
  if (events.size() == before) return absl::OkStatus();
  return session.db().Execute(
      "INSERT INTO inbox_lanes (conn, lane, owner, lease_until, last_event) "
      "VALUES (?, ?, ?, ?, ?) ON CONFLICT (conn, lane) DO UPDATE SET owner = excluded.owner, "
      "lease_until = excluded.lease_until, last_event = excluded.last_event, not_before = 0",
      session.conn(), lane, lease.owner, lease.until, events.back().id);
}

// True while something of what the event caused is still to be written to Brevo.
absl::StatusOr<bool> IsUnderWay(SqlHandle& db, int64_t conn, int64_t person) {
  CONNECTOR_ASSIGN_OR_RETURN(
      const bool marked,
      Any(db.Query("SELECT 1 FROM persons p JOIN marks m ON m.conn = p.conn AND m.contact = "
                   "p.contact WHERE p.conn = ? AND p.id = ?",
                   conn, person)));
  if (marked) return true;
  return Any(db.Query(
      "SELECT 1 FROM outbox INDEXED BY outbox_by_person WHERE conn = ? AND person = ? LIMIT 1",
      conn, person));
}

}  // namespace

void SqlStore::AppendInbox(InboxEntry entry, AppendDone done) {
  appends_->Append(std::move(entry), std::move(done));
}

absl::StatusOr<std::vector<Appended>> SqlStore::CommitInbox(
    const std::vector<InboxEntry>& entries) {
  std::vector<Appended> outcomes;
  const auto insert = [&](SqlHandle& db) -> absl::Status {
    outcomes.clear();
    absl::flat_hash_map<std::string, int64_t> numbers;
    for (const InboxEntry& entry : entries) {
      auto number = numbers.find(entry.connection);
      if (number == numbers.end()) {
        CONNECTOR_ASSIGN_OR_RETURN(const SqlSession session,
                                   SqlSession::Begin(db, entry.connection, clock_.Now()));
        number = numbers.emplace(entry.connection, session.conn()).first;
      }
      CONNECTOR_ASSIGN_OR_RETURN(const Appended outcome, InsertEvent(db, number->second, entry));
      outcomes.push_back(outcome);
    }
    return absl::OkStatus();
  };
  CONNECTOR_RETURN_IF_ERROR(database_->Write(insert, WriteTurns::Kind::kPrompt));
  return outcomes;
}

// In a snapshot: many may wait, and no writer should wait for the search.
absl::StatusOr<std::vector<std::string>> SqlStore::FindLanes(std::string_view connection, Time now,
                                                             int limit) {
  const auto most = static_cast<size_t>(std::max(limit, 0));
  std::vector<std::string> lanes;
  const absl::Status looked = Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    lanes.clear();
    CONNECTOR_RETURN_IF_ERROR(CollectLanes(db, conn, /*bulk=*/false, now, most, lanes));
    return CollectLanes(db, conn, /*bulk=*/true, now, most, lanes);
  });
  if (!looked.ok()) return looked;
  return lanes;
}

absl::StatusOr<std::vector<LeasedEvent>> SqlStore::LeaseInbox(std::string_view connection,
                                                              std::string_view owner, Time now,
                                                              Duration lease, int limit) {
  std::vector<LeasedEvent> events;
  // Somebody else may lease all that was found before it is leased here.
  for (bool again = true; again;) {
    CONNECTOR_ASSIGN_OR_RETURN(const std::vector<std::string> lanes,
                               FindLanes(connection, now, limit));
    if (lanes.empty()) break;
    const absl::Status done = Write(connection, [&](SqlSession& session) -> absl::Status {
      events.clear();
      Room room(static_cast<size_t>(limit));
      for (const std::string& lane : lanes) {
        if (!room.Left()) break;
        CONNECTOR_RETURN_IF_ERROR(
            LeaseLane(session, lane, {connection, owner, now, now + lease}, room, events));
      }
      return absl::OkStatus();
    });
    if (!done.ok()) return done;
    again = events.empty();
  }
  return events;
}

absl::Status SqlStore::RenewInbox(std::string_view connection, std::string_view owner, Time until) {
  return Write(connection, [&](SqlSession& session) {
    return session.db().Execute(
        "UPDATE inbox_lanes SET lease_until = ? WHERE conn = ? AND owner = ? AND lease_until > 0",
        until, session.conn(), owner);
  });
}

absl::StatusOr<EventState> SqlStore::GetEventState(std::string_view connection,
                                                   std::string_view key) {
  EventState state = EventState::kUnknown;
  const absl::Status done = Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    SqlQuery query = db.Query(
        "SELECT k.persons, i.id FROM inbox_keys k LEFT JOIN inbox i ON i.id = k.id "
        "WHERE k.conn = ? AND k.key = ?",
        conn, key);
    CONNECTOR_ASSIGN_OR_RETURN(const bool known, query.Next());
    if (!known) return absl::OkStatus();
    state = EventState::kPending;
    if (!query.IsNull(1)) return absl::OkStatus();
    if (!query.IsNull(0)) {
      wire::Reader in(query.Bytes(0));
      const std::vector<int64_t> persons = in.Numbers();
      CONNECTOR_RETURN_IF_ERROR(wire::ReadStatus(in, "persons of an event"));
      for (const int64_t person : persons) {
        CONNECTOR_ASSIGN_OR_RETURN(const bool under_way, IsUnderWay(db, conn, person));
        if (under_way) return absl::OkStatus();
      }
    }
    state = EventState::kApplied;
    return absl::OkStatus();
  });
  if (!done.ok()) return done;
  return state;
}

}  // namespace connector::store
