// SqliteStore: Brevo events on their way out.

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "model/wire.h"
#include "store/sqlite_contacts.h"
#include "store/sqlite_session.h"
#include "store/sqlite_settle.h"
#include "store/sqlite_store.h"

namespace connector::store {
namespace {

constexpr int kPending = static_cast<int>(OutboxState::kPending);
constexpr int kIntent = static_cast<int>(OutboxState::kIntent);
constexpr int kParked = static_cast<int>(OutboxState::kParked);

// A contact that can't be written does not hold its events back for ever.
constexpr Duration kLongestHold = std::chrono::minutes(10);

// Contacts, and the negative numbers of persons that have none.
using Busy = absl::flat_hash_set<int64_t>;

absl::StatusOr<Busy> ContactsBeingSent(SqliteSession& session, Time now) {
  Busy busy;
  SqliteQuery query = session.db().Query(
      "SELECT COALESCE(p.contact, -o.person) FROM outbox o INDEXED BY outbox_order "
      "LEFT JOIN persons p ON p.conn = o.conn AND p.id = o.person "
      "WHERE o.conn = ? AND o.state = ? AND o.lease_until > ?",
      session.conn(), kIntent, now);
  while (true) {
    CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
    if (!more) return busy;
    busy.insert(query.Int(0));
  }
}

absl::StatusOr<LeasedOutboxEvent> ReadEvent(const SqliteQuery& query) {
  LeasedOutboxEvent leased;
  leased.id = query.Int(0);
  CONNECTOR_ASSIGN_OR_RETURN(leased.event, DecodeOutboxEvent(query.Bytes(1)));
  leased.attempts = static_cast<int>(query.Int(2));
  leased.intent_at = query.OptionalInstant(3);
  leased.looks = static_cast<int>(query.Int(4));
  return leased;
}

absl::StatusOr<std::vector<LeasedOutboxEvent>> SelectDue(SqliteSession& session, Time now,
                                                         size_t limit) {
  std::vector<LeasedOutboxEvent> events;
  CONNECTOR_ASSIGN_OR_RETURN(Busy busy, ContactsBeingSent(session, now));
  SqliteQuery query = session.db().Query(
      "SELECT o.id, o.body, o.attempts, o.intent_at, o.looks, COALESCE(p.contact, -o.person), "
      "o.not_before <= ?3 AND o.lease_until <= ?3, m.marked_at IS NULL OR m.marked_at <= ?4 "
      "FROM outbox o INDEXED BY outbox_order "
      "LEFT JOIN persons p ON p.conn = o.conn AND p.id = o.person "
      "LEFT JOIN marks m ON m.conn = o.conn AND m.contact = p.contact "
      "WHERE o.conn = ?1 AND o.state = ?2 ORDER BY o.id",
      session.conn(), kPending, now, now - kLongestHold);
  while (events.size() < limit) {
    CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
    if (!more) break;
    const int64_t contact = query.Int(5);
    if (busy.contains(contact)) continue;
    const bool due = query.Int(6) != 0;
    const bool written = query.Int(7) != 0;
    if (!due || !written) {
      busy.insert(contact);
      continue;
    }
    CONNECTOR_ASSIGN_OR_RETURN(LeasedOutboxEvent event, ReadEvent(query));
    events.push_back(std::move(event));
  }
  return events;
}

absl::StatusOr<std::vector<LeasedOutboxEvent>> SelectAmbiguous(SqliteSession& session, Time now,
                                                               int limit) {
  std::vector<LeasedOutboxEvent> events;
  SqliteQuery query = session.db().Query(
      "SELECT id, body, attempts, intent_at, looks FROM outbox INDEXED BY outbox_order "
      "WHERE conn = ?1 AND state IN (?2, ?3) AND not_before <= ?4 AND lease_until <= ?4 "
      "ORDER BY intent_at, id LIMIT ?5",
      session.conn(), kIntent, kParked, now, limit);
  while (true) {
    CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
    if (!more) return events;
    CONNECTOR_ASSIGN_OR_RETURN(LeasedOutboxEvent event, ReadEvent(query));
    events.push_back(std::move(event));
  }
}

absl::StatusOr<std::optional<ContactState>> ContactOf(SqliteSession& session, int64_t person) {
  std::optional<int64_t> key;
  {
    SqliteQuery query = session.db().Query("SELECT contact FROM persons WHERE conn = ? AND id = ?",
                                           session.conn(), person);
    CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
    if (found) key = query.OptionalInt(0);
  }
  if (!key) return std::nullopt;
  CONNECTOR_ASSIGN_OR_RETURN(std::optional<StoredContact> contact,
                             ReadContact(session.db(), session.conn(), *key));
  if (!contact) return std::nullopt;
  return std::move(contact->state);
}

absl::Status LeaseEvents(SqliteSession& session, std::vector<LeasedOutboxEvent>& events,
                         std::string_view owner, Time until) {
  for (LeasedOutboxEvent& event : events) {
    CONNECTOR_RETURN_IF_ERROR(session.db().Execute(
        "UPDATE outbox SET owner = ?, lease_until = ? WHERE id = ?", owner, until, event.id));
    CONNECTOR_ASSIGN_OR_RETURN(event.contact, ContactOf(session, event.event.person_id));
  }
  return absl::OkStatus();
}

// Its state, if `owner` holds it.
absl::StatusOr<int> HeldState(SqliteSession& session, std::string_view owner, int64_t id) {
  SqliteQuery query = session.db().Query(
      "SELECT state FROM outbox WHERE id = ? AND conn = ? AND owner = ? AND lease_until > 0", id,
      session.conn(), owner);
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  if (found) return static_cast<int>(query.Int(0));
  return absl::FailedPreconditionError(
      absl::StrCat("Brevo event ", id, " is not leased to ", std::string(owner), " any more"));
}

absl::Status Retry(SqliteSession& session, std::string_view owner, const OutboxRetry& retry) {
  CONNECTOR_RETURN_IF_ERROR(HeldState(session, owner, retry.id).status());
  return session.db().Execute(
      "UPDATE outbox SET state = ?, owner = '', lease_until = 0, not_before = ?, intent_at = NULL, "
      "looks = 0, attempts = attempts + 1 WHERE id = ?",
      kPending, retry.not_before, retry.id);
}

absl::Status Park(SqliteSession& session, std::string_view owner, const OutboxRetry& retry) {
  CONNECTOR_ASSIGN_OR_RETURN(const int state, HeldState(session, owner, retry.id));
  return session.db().Execute(
      "UPDATE outbox SET state = ?, owner = '', lease_until = 0, not_before = ?, "
      "looks = looks + ? WHERE id = ?",
      kParked, retry.not_before, state == kParked ? 1 : 0, retry.id);
}

}  // namespace

absl::StatusOr<std::vector<LeasedOutboxEvent>> SqliteStore::LeaseOutbox(std::string_view connection,
                                                                        std::string_view owner,
                                                                        Time now, Duration lease,
                                                                        int limit) {
  std::vector<LeasedOutboxEvent> events;
  CONNECTOR_RETURN_IF_ERROR(Write(connection, [&](SqliteSession& session) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(events,
                               SelectDue(session, now, static_cast<size_t>(std::max(limit, 0))));
    return LeaseEvents(session, events, owner, now + lease);
  }));
  return events;
}

absl::StatusOr<std::vector<LeasedOutboxEvent>> SqliteStore::LeaseParked(std::string_view connection,
                                                                        std::string_view owner,
                                                                        Time now, Duration lease,
                                                                        int limit) {
  std::vector<LeasedOutboxEvent> events;
  const absl::Status done = Write(connection, [&](SqliteSession& session) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(events, SelectAmbiguous(session, now, limit));
    // One whose sender died over it is parked from now on, so that looks are counted.
    for (const LeasedOutboxEvent& event : events) {
      CONNECTOR_RETURN_IF_ERROR(
          session.db().Execute("UPDATE outbox SET state = ? WHERE id = ?", kParked, event.id));
    }
    return LeaseEvents(session, events, owner, now + lease);
  });
  if (!done.ok()) return done;
  return events;
}

absl::Status SqliteStore::MarkOutboxIntent(std::string_view connection, std::string_view owner,
                                           const std::vector<int64_t>& ids, Time now) {
  if (ids.empty()) return absl::OkStatus();
  return Write(connection, [&](SqliteSession& session) -> absl::Status {
    for (const int64_t id : ids) {
      CONNECTOR_RETURN_IF_ERROR(HeldState(session, owner, id).status());
      CONNECTOR_RETURN_IF_ERROR(session.db().Execute(
          "UPDATE outbox SET state = ?, intent_at = ? WHERE id = ?", kIntent, now, id));
    }
    return absl::OkStatus();
  });
}

absl::Status SqliteStore::SettleOutbox(std::string_view connection, std::string_view owner,
                                       const OutboxSettlement& settlement) {
  return Write(connection, [&](SqliteSession& session) -> absl::Status {
    for (const int64_t id : settlement.done) {
      CONNECTOR_RETURN_IF_ERROR(HeldState(session, owner, id).status());
      CONNECTOR_RETURN_IF_ERROR(session.db().Execute("DELETE FROM outbox WHERE id = ?", id));
    }
    for (const OutboxRetry& retry : settlement.retries) {
      CONNECTOR_RETURN_IF_ERROR(Retry(session, owner, retry));
    }
    for (const OutboxRetry& parked : settlement.parked) {
      CONNECTOR_RETURN_IF_ERROR(Park(session, owner, parked));
    }
    return InsertFailures(session, settlement.failures);
  });
}

}  // namespace connector::store
