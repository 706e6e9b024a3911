// SqlStore: Brevo events on their way out.

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "model/wire.h"
#include "store/sql_contacts.h"
#include "store/sql_session.h"
#include "store/sql_settle.h"
#include "store/sql_store.h"

namespace connector::store {
namespace {

constexpr int kPending = static_cast<int>(OutboxState::kPending);
constexpr int kIntent = static_cast<int>(OutboxState::kIntent);
constexpr int kParked = static_cast<int>(OutboxState::kParked);

// Of events that are due in one look; those whose contact is being written are put off by it, so
// the next look gets further.
constexpr int kMostLookedAt = 2000;

// An event that is due, and what may keep it back.
struct Candidate {
  int64_t id = 0;
  int64_t person = 0;
  std::optional<int64_t> contact;
  std::optional<Time> marked_at;  // of its contact, while it is to be written
  bool leased = false;
};

// Earlier events that wait or are under way: of a contact, or of a person that has none.
constexpr char kOfContact[] =
    "SELECT o.id, o.not_before, o.state <> ?4 OR o.lease_until > ?5 FROM persons p "
    "JOIN outbox o INDEXED BY outbox_by_person ON o.conn = p.conn AND o.person = p.id "
    "WHERE p.conn = ?1 AND p.contact = ?2 AND o.id < ?3 "
    "AND (o.state = ?4 OR (o.state = ?6 AND o.lease_until > ?5)) ORDER BY o.id";
constexpr char kOfPerson[] =
    "SELECT o.id, o.not_before, o.state <> ?4 OR o.lease_until > ?5 "
    "FROM outbox o INDEXED BY outbox_by_person WHERE o.conn = ?1 AND o.person = ?2 AND o.id < ?3 "
    "AND (o.state = ?4 OR (o.state = ?6 AND o.lease_until > ?5)) ORDER BY o.id";

SqlQuery EarlierEvents(SqlSession& session, const Candidate& event) {
  if (event.contact) {
    return session.db().Query(kOfContact, session.conn(), *event.contact, event.id, kPending,
                              session.now(), kIntent);
  }
  return session.db().Query(kOfPerson, session.conn(), event.person, event.id, kPending,
                            session.now(), kIntent);
}

absl::StatusOr<LeasedOutboxEvent> ReadEvent(const SqlQuery& query) {
  LeasedOutboxEvent leased;
  leased.id = query.Int(0);
  CONNECTOR_ASSIGN_OR_RETURN(leased.event, DecodeOutboxEvent(query.Bytes(1)));
  leased.attempts = static_cast<int>(query.Int(2));
  leased.intent_at = query.OptionalInstant(3);
  leased.looks = static_cast<int>(query.Int(4));
  return leased;
}

absl::Status PutOff(SqlSession& session, int64_t id, Time until, bool held) {
  return session.db().Execute("UPDATE outbox SET not_before = ?, held = ? WHERE id = ?", until,
                              held, id);
}

// Finds what is due, oldest first, and puts off what has to wait for something else.
class DueEvents {
 public:
  DueEvents(SqlSession& session, Time now, size_t limit)
      : session_(session), now_(now), limit_(limit) {}

  absl::StatusOr<std::vector<LeasedOutboxEvent>> Select() && {
    CONNECTOR_RETURN_IF_ERROR(Collect());
    std::sort(candidates_.begin(), candidates_.end(),
              [](const Candidate& a, const Candidate& b) { return a.id < b.id; });
    for (const Candidate& event : candidates_) {
      if (events_.size() >= limit_) break;
      CONNECTOR_ASSIGN_OR_RETURN(const bool takes, Examine(event));
      if (takes) CONNECTOR_RETURN_IF_ERROR(Take(event));
    }
    return std::move(events_);
  }

 private:
  absl::Status Collect() {
    SqlQuery query = session_.db().Query(
        "SELECT o.id, o.person, p.contact, m.marked_at, o.lease_until > ?3 "
        "FROM outbox o INDEXED BY outbox_due "
        "LEFT JOIN persons p ON p.conn = o.conn AND p.id = o.person "
        "LEFT JOIN marks m ON m.conn = o.conn AND m.contact = p.contact "
        "WHERE o.conn = ?1 AND o.state = ?2 AND o.not_before <= ?3 "
        "ORDER BY o.not_before, o.id LIMIT ?4",
        session_.conn(), kPending, now_, kMostLookedAt);
    while (true) {
      CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
      if (!more) return absl::OkStatus();
      candidates_.push_back({query.Int(0), query.Int(1), query.OptionalInt(2),
                             query.OptionalInstant(3), query.Int(4) != 0});
    }
  }

  absl::StatusOr<bool> Examine(const Candidate& event) {
    if (event.marked_at && *event.marked_at + kLongestEventHold > now_) {
      CONNECTOR_RETURN_IF_ERROR(
          PutOff(session_, event.id, *event.marked_at + kLongestEventHold, /*held=*/true));
      return false;
    }
    const int64_t whose = event.contact.value_or(-event.person);
    if (event.leased || busy_.contains(whose)) return false;
    CONNECTOR_ASSIGN_OR_RETURN(const std::optional<Time> waits, WaitsForEarlier(event));
    if (!waits) return true;
    busy_.insert(whose);
    if (*waits > now_) CONNECTOR_RETURN_IF_ERROR(PutOff(session_, event.id, *waits, false));
    return false;
  }

  // Until when an earlier event of the contact waits, or a time that is over while one is under
  // way; nullopt if none does that is not taken, too.
  absl::StatusOr<std::optional<Time>> WaitsForEarlier(const Candidate& event) {
    SqlQuery query = EarlierEvents(session_, event);
    while (true) {
      CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
      if (!more) return std::nullopt;
      if (taken_.contains(query.Int(0))) continue;
      return query.Int(2) != 0 ? Time{} : query.Instant(1);
    }
  }

  absl::Status Take(const Candidate& event) {
    SqlQuery query = session_.db().Query(
        "SELECT id, body, attempts, intent_at, looks FROM outbox WHERE id = ?", event.id);
    CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
    if (!found) return absl::OkStatus();
    CONNECTOR_ASSIGN_OR_RETURN(LeasedOutboxEvent leased, ReadEvent(query));
    events_.push_back(std::move(leased));
    taken_.insert(event.id);
    return absl::OkStatus();
  }

  SqlSession& session_;
  const Time now_;
  const size_t limit_;
  std::vector<Candidate> candidates_;
  absl::flat_hash_set<int64_t> busy_;  // contacts, and the negative numbers of persons without one
  absl::flat_hash_set<int64_t> taken_;
  std::vector<LeasedOutboxEvent> events_;
};

absl::StatusOr<std::vector<LeasedOutboxEvent>> SelectAmbiguous(SqlSession& session, Time now,
                                                               int limit) {
  std::vector<LeasedOutboxEvent> events;
  SqlQuery query = session.db().Query(
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

absl::StatusOr<std::optional<ContactState>> ContactOf(SqlSession& session, int64_t person) {
  std::optional<int64_t> key;
  {
    SqlQuery query = session.db().Query("SELECT contact FROM persons WHERE conn = ? AND id = ?",
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

absl::Status LeaseEvents(SqlSession& session, std::vector<LeasedOutboxEvent>& events,
                         std::string_view owner, Time until) {
  for (LeasedOutboxEvent& event : events) {
    CONNECTOR_RETURN_IF_ERROR(session.db().Execute(
        "UPDATE outbox SET owner = ?, lease_until = ? WHERE id = ?", owner, until, event.id));
    CONNECTOR_ASSIGN_OR_RETURN(event.contact, ContactOf(session, event.event.person_id));
  }
  return absl::OkStatus();
}

// Its state, if `owner` holds it.
absl::StatusOr<int> HeldState(SqlSession& session, std::string_view owner, int64_t id) {
  SqlQuery query = session.db().Query(
      "SELECT state FROM outbox WHERE id = ? AND conn = ? AND owner = ? AND lease_until > 0", id,
      session.conn(), owner);
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  if (found) return static_cast<int>(query.Int(0));
  return absl::FailedPreconditionError(
      absl::StrCat("Brevo event ", id, " is not leased to ", std::string(owner), " any more"));
}

absl::Status Retry(SqlSession& session, std::string_view owner, const OutboxRetry& retry) {
  CONNECTOR_RETURN_IF_ERROR(HeldState(session, owner, retry.id).status());
  return session.db().Execute(
      "UPDATE outbox SET state = ?, owner = '', lease_until = 0, not_before = ?, held = 0, "
      "intent_at = NULL, looks = 0, attempts = attempts + 1 WHERE id = ?",
      kPending, retry.not_before, retry.id);
}

absl::Status Park(SqlSession& session, std::string_view owner, const OutboxRetry& retry) {
  CONNECTOR_ASSIGN_OR_RETURN(const int state, HeldState(session, owner, retry.id));
  return session.db().Execute(
      "UPDATE outbox SET state = ?, owner = '', lease_until = 0, not_before = ?, "
      "looks = looks + ? WHERE id = ?",
      kParked, retry.not_before, state == kParked ? 1 : 0, retry.id);
}

}  // namespace

absl::StatusOr<std::vector<LeasedOutboxEvent>> SqlStore::LeaseOutbox(std::string_view connection,
                                                                     std::string_view owner,
                                                                     Time now, Duration lease,
                                                                     int limit) {
  std::vector<LeasedOutboxEvent> events;
  CONNECTOR_RETURN_IF_ERROR(Write(connection, [&](SqlSession& session) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(
        events, DueEvents(session, now, static_cast<size_t>(std::max(limit, 0))).Select());
    return LeaseEvents(session, events, owner, now + lease);
  }));
  return events;
}

absl::StatusOr<std::vector<LeasedOutboxEvent>> SqlStore::LeaseParked(std::string_view connection,
                                                                     std::string_view owner,
                                                                     Time now, Duration lease,
                                                                     int limit) {
  std::vector<LeasedOutboxEvent> events;
  const absl::Status done = Write(connection, [&](SqlSession& session) -> absl::Status {
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

absl::Status SqlStore::MarkOutboxIntent(std::string_view connection, std::string_view owner,
                                        const std::vector<int64_t>& ids, Time now) {
  if (ids.empty()) return absl::OkStatus();
  return Write(connection, [&](SqlSession& session) -> absl::Status {
    for (const int64_t id : ids) {
      CONNECTOR_RETURN_IF_ERROR(HeldState(session, owner, id).status());
      CONNECTOR_RETURN_IF_ERROR(session.db().Execute(
          "UPDATE outbox SET state = ?, intent_at = ? WHERE id = ?", kIntent, now, id));
    }
    return absl::OkStatus();
  });
}

absl::Status SqlStore::SettleOutbox(std::string_view connection, std::string_view owner,
                                    const OutboxSettlement& settlement) {
  return Write(connection, [&](SqlSession& session) -> absl::Status {
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
