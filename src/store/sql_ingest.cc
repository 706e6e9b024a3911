// SqlStore: what handling received events commits.

#include <algorithm>
#include <map>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "model/wire.h"
#include "model/wire_format.h"
#include "store/sql_activities.h"
#include "store/sql_contacts.h"
#include "store/sql_deals.h"
#include "store/sql_folds.h"
#include "store/sql_leads.h"
#include "store/sql_marks.h"
#include "store/sql_session.h"
#include "store/sql_settle.h"
#include "store/sql_store.h"

namespace connector::store {
namespace {

// An event that concerns more persons (an organization's) is called applied when the first of them
// are written.
constexpr size_t kMaxPersonsOfEvent = 100;

// The lanes of a batch, each with the time before which it is not to be leased again.
using Lanes = std::map<std::string, Time, std::less<>>;

// The lane of an event that `owner` holds.
absl::StatusOr<std::string> HeldLane(SqlSession& session, std::string_view owner, int64_t id) {
  SqlQuery query = session.db().Query(
      "SELECT i.lane FROM inbox i JOIN inbox_lanes l ON l.conn = i.conn AND l.lane = i.lane "
      "WHERE i.id = ? AND i.conn = ? AND l.owner = ? AND l.lease_until > 0 AND i.id <= "
      "l.last_event",
      id, session.conn(), owner);
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  if (found) return query.Text(0);
  return absl::FailedPreconditionError(
      absl::StrCat("event ", id, " is not leased to ", std::string(owner), " any more"));
}

absl::Status SettleEvent(SqlSession& session, const SettledEvent& event) {
  CONNECTOR_RETURN_IF_ERROR(session.db().Execute("DELETE FROM inbox WHERE id = ?", event.id));
  if (event.persons.empty()) return absl::OkStatus();
  std::vector<int64_t> persons = event.persons;
  if (persons.size() > kMaxPersonsOfEvent) persons.resize(kMaxPersonsOfEvent);
  wire::Writer out(16);
  out.Numbers(persons);
  return session.db().Execute("UPDATE inbox_keys SET persons = ? WHERE id = ?", Blob{out.Finish()},
                              event.id);
}

// What was told of a contact that is being written waits until that is over.
constexpr Duration kShortestDelay = std::chrono::milliseconds(250);
constexpr Duration kLongestDelay = std::chrono::seconds(10);

// Events of which the news were not taken, each with the time of the next try: soon, and less soon
// the longer they wait already.
absl::StatusOr<absl::flat_hash_map<int64_t, Time>> DelayedEvents(SqlSession& session,
                                                                 const IngestBatch& batch,
                                                                 const std::vector<bool>& taken) {
  absl::flat_hash_map<int64_t, Time> delayed;
  for (size_t i = 0; i < taken.size(); ++i) {
    if (taken[i]) continue;
    for (const int64_t id : batch.contact_news[i].events) {
      SqlQuery query = session.db().Query("SELECT received_at FROM inbox WHERE id = ?", id);
      CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
      const Duration age = found ? session.now() - query.Instant(0) : Duration{};
      delayed[id] = session.now() + std::clamp(age, kShortestDelay, kLongestDelay);
    }
  }
  return delayed;
}

absl::Status SettleEvents(SqlSession& session, std::string_view owner, const IngestBatch& batch,
                          const absl::flat_hash_map<int64_t, Time>& delayed) {
  Lanes lanes;
  for (const SettledEvent& event : batch.settled) {
    CONNECTOR_ASSIGN_OR_RETURN(std::string lane, HeldLane(session, owner, event.id));
    Time& due = lanes[std::move(lane)];
    if (const auto later = delayed.find(event.id); later != delayed.end()) {
      due = std::max(due, later->second);
      continue;
    }
    CONNECTOR_RETURN_IF_ERROR(SettleEvent(session, event));
  }
  for (const EventRetry& retry : batch.retries) {
    CONNECTOR_ASSIGN_OR_RETURN(std::string lane, HeldLane(session, owner, retry.id));
    Time& due = lanes[std::move(lane)];
    due = std::max(due, retry.not_before);
    if (!retry.counts) continue;
    CONNECTOR_RETURN_IF_ERROR(
        session.db().Execute("UPDATE inbox SET attempts = attempts + 1 WHERE id = ?", retry.id));
  }
  for (const auto& [lane, due] : lanes) {
    CONNECTOR_RETURN_IF_ERROR(
        due == Time{} ? session.db().Execute("DELETE FROM inbox_lanes WHERE conn = ? AND lane = ?",
                                             session.conn(), lane)
                      : session.db().Execute("UPDATE inbox_lanes SET owner = '', lease_until = 0, "
                                             "not_before = ? WHERE conn = ? AND lane = ?",
                                             due, session.conn(), lane));
  }
  return absl::OkStatus();
}

struct KnownPerson {
  std::optional<int64_t> contact;
  std::string body;
};

absl::StatusOr<std::optional<KnownPerson>> FindPerson(SqlSession& session, int64_t id) {
  SqlQuery query = session.db().Query("SELECT contact, body FROM persons WHERE conn = ? AND id = ?",
                                      session.conn(), id);
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  if (!found) return std::nullopt;
  return KnownPerson{query.OptionalInt(0), query.Text(1)};
}

absl::Status Bind(SqlSession& session, int64_t person, int64_t contact) {
  return session.db().Execute("UPDATE persons SET contact = ? WHERE conn = ? AND id = ?", contact,
                              session.conn(), person);
}

absl::Status Mark(SqlSession& session, std::optional<int64_t> contact, const Folding& folding) {
  if (!contact) return absl::OkStatus();
  return MarkContact(session, *contact, folding.run, folding.urgency);
}

absl::Status DeletePerson(SqlSession& session, int64_t id, const KnownPerson& known) {
  CONNECTOR_ASSIGN_OR_RETURN(Person person, DecodePerson(known.body));
  person.is_deleted = true;
  return session.db().Execute("UPDATE persons SET deleted = 1, body = ? WHERE conn = ? AND id = ?",
                              Blob{Encode(person)}, session.conn(), id);
}

// Contacts that persons of the batch take over when they are folded, by person.
using Inheritance = absl::flat_hash_map<int64_t, int64_t>;

absl::Status MergePerson(SqlSession& session, const MergedPersons& merge, const Folding& folding,
                         Inheritance& inheritance) {
  if (merge.from == merge.to) return absl::OkStatus();
  CONNECTOR_ASSIGN_OR_RETURN(const std::optional<KnownPerson> from,
                             FindPerson(session, merge.from));
  if (!from) return absl::OkStatus();
  CONNECTOR_RETURN_IF_ERROR(DeletePerson(session, merge.from, *from));
  CONNECTOR_ASSIGN_OR_RETURN(const std::optional<KnownPerson> to, FindPerson(session, merge.to));
  if (to && to->contact) {
    if (to->contact == from->contact) return Mark(session, to->contact, folding);
    // The other contact stays as it is, with nobody who could change it.
    CONNECTOR_RETURN_IF_ERROR(Bind(session, merge.from, *to->contact));
    return Mark(session, to->contact, folding);
  }
  if (!from->contact) return absl::OkStatus();
  if (!to) {
    inheritance.emplace(merge.to, *from->contact);
    return absl::OkStatus();
  }
  CONNECTOR_RETURN_IF_ERROR(Bind(session, merge.to, *from->contact));
  return Mark(session, from->contact, folding);
}

absl::Status FoldPersons(SqlSession& session, const std::vector<PersonRow>& persons,
                         const Folding& folding, const Inheritance& inheritance,
                         FoldCounts& counts) {
  for (const PersonRow& row : persons) {
    const auto inherited = inheritance.find(row.person.id);
    CONNECTOR_RETURN_IF_ERROR(FoldPerson(
        session, row, folding, counts,
        inherited == inheritance.end() ? std::nullopt : std::optional(inherited->second)));
  }
  return absl::OkStatus();
}

// How long an event of the person waits at most, if its contact is to be written.
absl::StatusOr<std::optional<Time>> HoldOf(SqlSession& session, int64_t person) {
  SqlQuery query = session.db().Query(
      "SELECT m.marked_at FROM persons p JOIN marks m ON m.conn = p.conn AND m.contact = p.contact "
      "WHERE p.conn = ? AND p.id = ?",
      session.conn(), person);
  CONNECTOR_ASSIGN_OR_RETURN(const bool marked, query.Next());
  if (!marked) return std::nullopt;
  return query.Instant(0) + kLongestEventHold;
}

// Forgets what was refused, and how often it went back and forth, so that it is sent again.
absl::Status ForgetRefusals(SqlSession& session, int64_t contact) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::optional<StoredContact> known,
                             ReadContact(session.db(), session.conn(), contact));
  if (!known) return absl::OkStatus();
  ContactState state = known->state;
  for (FieldState& field : state.fields) field.refused.reset();
  state.flips.reset();
  return UpdateContact(session, *known, state);
}

absl::Status Touch(SqlSession& session, int64_t person, bool retry, const Folding& folding) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::optional<KnownPerson> known, FindPerson(session, person));
  if (!known || !known->contact) return absl::OkStatus();
  if (retry) CONNECTOR_RETURN_IF_ERROR(ForgetRefusals(session, *known->contact));
  return Mark(session, known->contact, folding);
}

absl::Status FoldBatch(SqlSession& session, const IngestBatch& batch, const Folding& folding,
                       FoldCounts& counts) {
  for (const Organization& organization : batch.organizations) {
    CONNECTOR_RETURN_IF_ERROR(FoldOrganization(session, organization, folding, counts));
  }
  Inheritance inheritance;
  for (const MergedPersons& merge : batch.merges) {
    CONNECTOR_RETURN_IF_ERROR(MergePerson(session, merge, folding, inheritance));
  }
  CONNECTOR_RETURN_IF_ERROR(FoldPersons(session, batch.persons, folding, inheritance, counts));
  DealFold deals;
  for (const Deal& deal : batch.deals) {
    CONNECTOR_RETURN_IF_ERROR(FoldDeal(session, deal, folding, /*sees_all=*/false, deals));
  }
  LeadFold leads;
  for (const Lead& lead : batch.leads) {
    CONNECTOR_RETURN_IF_ERROR(FoldLead(session, lead, folding, /*sees_all=*/false, leads));
  }
  ActivityFold activities;
  for (const ActivityChange& change : batch.activities) {
    CONNECTOR_RETURN_IF_ERROR(FoldActivity(session, change, activities));
  }
  for (const int64_t id : batch.gone_persons) {
    CONNECTOR_ASSIGN_OR_RETURN(const std::optional<KnownPerson> known, FindPerson(session, id));
    if (!known) continue;
    CONNECTOR_RETURN_IF_ERROR(DeletePerson(session, id, *known));
    CONNECTOR_RETURN_IF_ERROR(Mark(session, known->contact, folding));
  }
  for (const int64_t id : batch.touched_persons) {
    CONNECTOR_RETURN_IF_ERROR(Touch(session, id, /*retry=*/false, folding));
  }
  for (const int64_t id : batch.retried_persons) {
    CONNECTOR_RETURN_IF_ERROR(Touch(session, id, /*retry=*/true, folding));
  }
  for (const OutboxEvent& event : batch.events) {
    if (std::find(counts.erased.begin(), counts.erased.end(), event.person_id) !=
        counts.erased.end()) {
      continue;
    }
    CONNECTOR_RETURN_IF_ERROR(AppendOutboxEvent(session, event));
  }
  return InsertFailures(session, batch.failures);
}

}  // namespace

absl::Status AppendOutboxEvent(SqlSession& session, const OutboxEvent& event) {
  std::optional<int64_t> id;
  {
    SqlQuery query = session.db().Query(
        "INSERT INTO outbox_keys (conn, key, created_at) VALUES (?, ?, ?) "
        "ON CONFLICT (conn, key) DO NOTHING RETURNING id",
        session.conn(), event.key, session.now());
    CONNECTOR_ASSIGN_OR_RETURN(const bool inserted, query.Next());
    if (inserted) id = query.Int(0);
  }
  if (!id) return absl::OkStatus();
  CONNECTOR_ASSIGN_OR_RETURN(const std::optional<Time> hold, HoldOf(session, event.person_id));
  return session.db().Execute(
      "INSERT INTO outbox (id, conn, person, state, created_at, not_before, held, body) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      *id, session.conn(), event.person_id, static_cast<int>(OutboxState::kPending), session.now(),
      hold.value_or(Time{}), hold.has_value(), Blob{Encode(event)});
}

absl::StatusOr<FoldCounts> SqlStore::FinishIngest(std::string_view connection,
                                                  std::string_view owner,
                                                  const IngestBatch& batch) {
  FoldCounts counts;
  const absl::Status done = Write(connection, [&](SqlSession& session) -> absl::Status {
    counts = {};
    const Folding folding{.urgency = batch.bulk ? Urgency::kBulk : Urgency::kPrompt,
                          .unseen = batch.unseen};
    CONNECTOR_ASSIGN_OR_RETURN(const std::vector<bool> taken,
                               FoldContactNews(session, batch, folding));
    CONNECTOR_ASSIGN_OR_RETURN(const auto delayed, DelayedEvents(session, batch, taken));
    CONNECTOR_RETURN_IF_ERROR(SettleEvents(session, owner, batch, delayed));
    return FoldBatch(session, batch, folding, counts);
  });
  if (!done.ok()) return done;
  return counts;
}

}  // namespace connector::store
