#pragma once

// The durable inbox: events as they were received, kept from their acknowledgement until they are
// applied, and what applying them commits.
//
// Errors and threads as in store/store.h.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "model/contact.h"
#include "model/contact_state.h"
#include "model/deal.h"
#include "model/lead.h"
#include "model/organization.h"
#include "model/outbox_event.h"
#include "model/run.h"
#include "store/activities.h"
#include "store/person_row.h"

namespace connector::store {

enum class EventSource {
  kPipedrive,
  kBrevo,
  // This service: the record of the lane is to be read again and its contacts are to be converged,
  // as IngestBatch::retried_persons; no body, and no Brevo event comes of it, but for an activity
  // what of it was not told before.
  kReread,
};

struct InboxEntry {
  std::string connection;
  EventSource source = EventSource::kPipedrive;
  // Recognises a repetition, for 7 days.
  std::string key;
  // The record it is about, "person/42": events of one lane are handled in the order of their
  // arrival, and by one handler at a time.
  std::string lane;
  Time received_at{};
  bool bulk = false;  // one of many records changed at once; handled after those that are not
  std::string body;   // as received
};

enum class Appended { kAccepted, kDuplicate };
// Called once, on the thread that commits or, if the entry is refused at once, on the caller's; it
// must not block and must not call the store.
using AppendDone = std::function<void(absl::StatusOr<Appended>)>;

struct LeasedEvent {
  int64_t id = 0;
  InboxEntry entry;
  int attempts = 1;  // with this one
};

// The end of an event that was handled.
struct SettledEvent {
  int64_t id = 0;
  std::vector<int64_t> persons;  // whose contacts it concerns: it is applied when they are clean
};

struct EventRetry {
  int64_t id = 0;
  Time not_before{};
  bool counts = true;  // false: given back untried, or for a reason that is not the event's
};

// That Pipedrive merged `from` into `to`.
struct MergedPersons {
  int64_t from = 0;
  int64_t to = 0;
};

// What Brevo told of one contact.
struct ContactNews {
  struct Outcome {
    bool taken = true;  // false: it can't be told yet, or not any more; the events are tried again
    bool mark = true;   // the contact is converged if that may have to write anything
    std::vector<Failure> failures;
  };
  // Changes what is known; pure: called inside the transaction, possibly more than once. `leased`:
  // somebody is planning a write to the contact or writing it.
  using Fold = std::function<Outcome(ContactState& state, bool leased)>;

  int64_t contact = 0;          // its key, if it was known
  std::optional<Contact> seen;  // a look at it: the contact with this Brevo id, address or EXT_ID
  std::vector<int64_t> events;  // what it follows from, among `settled`
  Fold fold;
};

// An event that could not be handled for a reason that is not the batch's.
struct UnhandledEvent {
  int64_t id = 0;
  absl::Status error;
};

// What handling a batch of leased events came to.
struct IngestBatch {
  std::vector<PersonRow> persons;
  std::vector<Organization> organizations;
  std::vector<Deal> deals;
  std::vector<Lead> leads;
  std::vector<ActivityChange> activities;
  Existence unseen = Existence::kUnknown;  // of a contact that is new with a person
  // The binding is re-pointed: `to` takes over the contact of `from` unless it has its own. No
  // contact is deleted.
  std::vector<MergedPersons> merges;
  std::vector<int64_t> gone_persons;     // confirmed deleted in Pipedrive
  std::vector<int64_t> touched_persons;  // to be converged though their own rows may be unchanged
  // Likewise, and what Brevo refused of their contacts is sent again.
  std::vector<int64_t> retried_persons;
  std::vector<OutboxEvent> events;
  // Of contacts that are known; a look at one that is not stores it.
  std::vector<ContactNews> contact_news;
  bool bulk = false;  // its marks may wait for an import

  std::vector<SettledEvent> settled;
  std::vector<UnhandledEvent> unhandled;  // whose attempts the caller of FinishIngest has to end
  std::vector<EventRetry> retries;
  std::vector<Failure> failures;
};

enum class EventState {
  kUnknown,  // never received, or applied more than 7 days ago
  kPending,
  kApplied,  // handled, its contacts are written, and its Brevo events are sent
};

class Inbox {
 public:
  virtual ~Inbox() = default;

  // Never blocks on the disk. What has gathered is committed in one transaction, then `done` is
  // called: RESOURCE_EXHAUSTED if the disk is full or too many are waiting, UNAVAILABLE if the
  // store is closing or locked. An entry whose key is known changes nothing.
  virtual void AppendInbox(InboxEntry entry, AppendDone done) = 0;

  // Events that are due, oldest first and those that are not bulk before the others, leased to
  // `owner` (of its own for every leaser) until `now + lease`. A lane goes to one leaser as a
  // whole: nobody else gets an event of it until this one finishes it or the lease runs out. A lane
  // whose oldest event waits for a retry waits with it. At most 4 MiB of bodies, but one event at
  // least.
  virtual absl::StatusOr<std::vector<LeasedEvent>> LeaseInbox(std::string_view connection,
                                                              std::string_view owner, Time now,
                                                              Duration lease, int limit) = 0;
  // Prolongs everything `owner` holds of the inbox.
  virtual absl::Status RenewInbox(std::string_view connection, std::string_view owner,
                                  Time until) = 0;
  // One transaction: folds the rows as FinishPersonsPage, FinishOrganizationsPage,
  // FinishDealsPage, FinishLeadsPage and FinishActivitiesPage do (the counts are those of the
  // persons and organizations), and what was told of contacts, marking contacts for whoever comes
  // first, appends the Brevo events whose keys are new, records the failures and settles.
  // FAILED_PRECONDITION if one of the events is not leased to `owner` (any more). Lanes of the
  // events it names are free afterwards; events of them it does not name are given out again.
  virtual absl::StatusOr<FoldCounts> FinishIngest(std::string_view connection,
                                                  std::string_view owner,
                                                  const IngestBatch& batch) = 0;

  virtual absl::StatusOr<EventState> GetEventState(std::string_view connection,
                                                   std::string_view key) = 0;
};

}  // namespace connector::store
