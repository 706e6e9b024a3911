#pragma once

// The connector's durable state. Each method is one whole business transaction: when it returns OK
// it is on disk, when it returns an error nothing of it is. Every method names the connection (one
// pair of accounts) it works on; nothing crosses connections.
//
// Blocks on the disk; any thread. Errors: UNAVAILABLE (locked, connection lost: try again),
// RESOURCE_EXHAUSTED (disk full), DATA_LOSS (unreadable row), FAILED_PRECONDITION (the caller's
// lease was lost: somebody else goes on with it), NOT_FOUND, INTERNAL.

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "model/contact.h"
#include "model/contact_state.h"
#include "model/deal_facts.h"
#include "model/lead_facts.h"
#include "model/organization.h"
#include "model/person.h"
#include "model/run.h"
#include "model/schema.h"
#include "store/activities.h"
#include "store/contact_bundle.h"
#include "store/deals.h"
#include "store/erasure.h"
#include "store/inbox.h"
#include "store/insight.h"
#include "store/known_contacts.h"
#include "store/leads.h"
#include "store/outbox.h"
#include "store/person_row.h"
#include "store/person_writes.h"
#include "store/report.h"
#include "store/sightings.h"
#include "store/tokens.h"

namespace connector::store {

// Who holds a run and which run: a runner proves with it that it still may write.
struct RunLease {
  std::string connection;
  std::string run_id;
  std::string owner;
};

// What a page of a run commits together with its rows, and a settlement together with its contacts.
struct RunUpdate {
  RunLease lease;
  RunProgress progress;
};

// A lasting mark of a connection, such as where the next incremental run starts.
struct Watermark {
  std::string name;  // "persons.updated_since"
  std::string value;
  bool operator==(const Watermark&) const = default;
};

// A place in a walk through one vendor's records.
struct Cursor {
  std::string value;  // next page: Pipedrive's opaque cursor, Brevo's offset; "" at the start
  bool done = false;  // the walk reached its end
  bool operator==(const Cursor&) const = default;
};

// Folds what Brevo shows of a contact into what is known of it (nullopt: nothing). Pure: called
// inside the transaction, possibly more than once.
using ContactFold =
    std::function<ContactState(const std::optional<ContactState>& known, const Contact& seen)>;

struct MarkFilter {
  std::string run_id;      // only this run's marks; "": only marks no unfinished run holds back
  bool with_free = false;  // beside the run's marks, those that no run holds back
  std::optional<Urgency> urgency;  // without a run: only free marks of this urgency
  int64_t after_key = 0;           // contacts with a greater key
  int64_t last_key = std::numeric_limits<int64_t>::max();  // and up to this one
  int limit = 500;
};

// The end of one contact's converge.
struct Settlement {
  ContactState state;                // written back as a whole, with its identifiers
  int64_t version = 0;               // the mark is cleared if it still has this version
  std::vector<Identifier> released;  // claimed before and not used after all
  bool keep_mark = false;            // leave the mark in place (tried again later)
  Duration retry_after{};            // with keep_mark: not leased again before
  // The state the work began with: what events made of the contact meanwhile is kept. Without it
  // `state` is taken as it is.
  std::optional<ContactState> before{};
  Binding binding = Binding::kKeep;
};

// Free marks that are due.
struct LiveMarks {
  int64_t bulk = 0;
  int64_t prompt = 0;
  std::optional<Time> oldest_bulk;
  std::optional<Time> oldest_prompt;
};

struct Claim {
  int64_t contact_key = 0;
  Identifier identifier;
};

enum class ImportKind {
  kAttributes,  // attributes, into all_contacts
  kMembership,  // rows of the e-mail only, into one further list
  kRetry,       // rows sent again without the identifier that was refused
};

enum class ImportState {
  kBuilding,  // rows are being added; a crash drops it
  kIntent,    // about to leave or leaving: after a crash it is not known whether it did
  kSent,      // Brevo gave a process id
};

struct ImportJob {
  int64_t id = 0;  // given by the store
  std::string run_id;
  ImportKind kind = ImportKind::kAttributes;
  ImportState state = ImportState::kBuilding;
  int64_t list_id = 0;
  int64_t process_id = 0;
  int64_t rows = 0;
  Time created_at{};
};

// One row of an import: what was written to which contact.
struct ImportRow {
  int64_t contact_key = 0;
  int64_t version = 0;  // of the mark when planned
  // As what the contact is counted when the job ends. A contact may have a row in several jobs; one
  // of them counts.
  enum class Counts : uint8_t { kUpdated, kCreated, kNothing } counts = Counts::kUpdated;
  ContactWrite write;
};

class Store : public Inbox,
              public Outbox,
              public Tokens,
              public Deals,
              public Leads,
              public Activities,
              public Insight,
              public KnownContacts,
              public Report,
              public PersonWrites,
              public Erasures,
              public Sightings {
 public:
  // --- Runs ---------------------------------------------------------------------------------

  struct Submitted {
    Run run;
    bool joined = false;  // an unfinished run of this kind was there already
  };
  // Inserts a queued run with this id, or returns the unfinished run of the same connection and
  // kind (dry runs are a kind of their own, so that looking never blocks working).
  virtual absl::StatusOr<Submitted> SubmitRun(const Run& run) = 0;
  virtual absl::StatusOr<Run> GetRun(std::string_view connection, std::string_view id) = 0;
  // Newest first.
  virtual absl::StatusOr<std::vector<Run>> ListRuns(std::string_view connection, int limit) = 0;
  // The newest finished run of the kind with this state that was no dry run, if there is one.
  virtual absl::StatusOr<std::optional<Run>> LastRun(std::string_view connection, RunKind kind,
                                                     RunState state) = 0;
  virtual absl::Status RequestCancel(std::string_view connection, std::string_view id) = 0;
  // The oldest queued run, or a running one whose lease ran out, now leased to `owner` until
  // `now + lease`; nullopt if there is none. `connection` "" means any.
  virtual absl::StatusOr<std::optional<Run>> LeaseRun(std::string_view owner, Time now,
                                                      Duration lease) = 0;
  // Prolongs the lease, and those of the contacts its owner leased; progress is left alone, so that
  // a heartbeat never overwrites a commit. True if a cancel was requested.
  virtual absl::StatusOr<bool> RenewRun(const RunLease& lease, Time until) = 0;
  // Stores progress where no page or settlement carries it.
  virtual absl::Status SaveProgress(const RunUpdate& update) = 0;
  // Gives a run back unfinished (a stop is not a failure): it is leased again at once, and so are
  // the contacts its owner had leased.
  virtual absl::Status ReleaseRun(const RunUpdate& update) = 0;
  // Ends a run, drops its cursors, and frees the marks it held back.
  virtual absl::Status FinishRun(const RunUpdate& update, RunState state, std::string_view error,
                                 Time now) = 0;
  // The same for a run that did all it was to do; moves the watermarks with it, so that no later
  // run starts behind what this one left undone.
  virtual absl::Status SucceedRun(const RunUpdate& update, const std::vector<Watermark>& watermarks,
                                  Time now) = 0;

  // --- Walks --------------------------------------------------------------------------------

  // Place of a walk ("persons", "organizations", "contacts") of a run; the start if it has none.
  virtual absl::StatusOr<Cursor> GetCursor(const RunLease& lease, std::string_view walk) = 0;
  // Lasting marks of a connection, e.g. "persons.updated_since"; "" if unset.
  virtual absl::StatusOr<std::string> GetWatermark(std::string_view connection,
                                                   std::string_view name) = 0;
  virtual absl::Status SetWatermark(std::string_view connection, std::string_view name,
                                    std::string_view value) = 0;

  // --- Ingest -------------------------------------------------------------------------------

  // Folds a page of Brevo contacts, each matched by Brevo id, else by e-mail, else by EXT_ID.
  // A state that `fold` changed in a way that may need a write marks its contact dirty when persons
  // are bound to it.
  virtual absl::Status FinishContactsPage(const RunUpdate& update, const Cursor& cursor,
                                          const std::vector<Contact>& page,
                                          const ContactFold& fold) = 0;
  // Stores what changed (a row older than the stored update_time is stale and not taken) and binds
  // each new person: to the contact with its EXT_ID, else with its e-mail, else to a new contact
  // (existence as in `unseen`). Persons without e-mail are stored unbound unless their row says
  // otherwise; their new contact owns the EXT_ID. Marks contacts of fresh and changed persons dirty
  // for the run; with `mark_all`, of all persons of the page.
  virtual absl::StatusOr<FoldCounts> FinishPersonsPage(const RunUpdate& update,
                                                       const Cursor& cursor,
                                                       const std::vector<PersonRow>& page,
                                                       Existence unseen, bool mark_all) = 0;
  // Marks the contacts of all persons of changed organizations dirty for the run.
  virtual absl::StatusOr<FoldCounts> FinishOrganizationsPage(
      const RunUpdate& update, const Cursor& cursor, const std::vector<Organization>& page) = 0;
  // The same in a run that reads all organizations, with its place in `walk`: notes for
  // OrganizationsNotSeen that it saw these.
  virtual absl::StatusOr<FoldCounts> FinishAllOrganizationsPage(
      const RunUpdate& update, std::string_view walk, const Cursor& cursor,
      const std::vector<Organization>& page) = 0;
  // Stored organizations, by id, that are not deleted and that the run has not seen.
  virtual absl::StatusOr<std::vector<int64_t>> OrganizationsNotSeen(const RunLease& lease,
                                                                    int64_t after_id,
                                                                    int limit) = 0;
  // Of these ids, the organizations that are not stored.
  virtual absl::StatusOr<std::vector<int64_t>> UnknownOrganizations(
      std::string_view connection, const std::vector<int64_t>& ids) = 0;
  // Persons of an organization, by id, without deleted ones.
  virtual absl::StatusOr<std::vector<int64_t>> PersonsOfOrganization(std::string_view connection,
                                                                     int64_t organization,
                                                                     int limit) = 0;
  // Of these ids, the persons that are stored, deleted ones too.
  virtual absl::StatusOr<std::vector<PersonVersion>> PersonVersions(
      std::string_view connection, const std::vector<int64_t>& ids) = 0;
  // Contacts Brevo has never shown with a number, by key: after a whole walk, those it does not
  // have.
  virtual absl::StatusOr<std::vector<ContactState>> ContactsNeverShown(std::string_view connection,
                                                                       int64_t after_key,
                                                                       int limit) = 0;
  // Writes these states back and marks their contacts dirty for the run.
  virtual absl::Status ReopenContacts(const RunUpdate& update,
                                      const std::vector<ContactState>& states) = 0;
  // Ids of the persons bound to contacts that are in this Brevo list, ascending.
  virtual absl::StatusOr<std::vector<int64_t>> PersonsInList(std::string_view connection,
                                                             int64_t list_id) = 0;

  // --- Converge -----------------------------------------------------------------------------

  virtual absl::StatusOr<int64_t> CountMarks(std::string_view connection,
                                             std::string_view run_id) = 0;
  // Marks these contacts dirty, held back by no run. A mark never becomes less urgent.
  virtual absl::Status MarkContacts(std::string_view connection, const std::vector<int64_t>& keys,
                                    Urgency urgency) = 0;
  // What LeaseContacts would give out at `now` without a run.
  virtual absl::StatusOr<LiveMarks> CountLiveMarks(std::string_view connection, Time now) = 0;
  // Dirty contacts by key, not in an open import job and due at `now`, leased to `owner` until
  // `now + lease`: nobody else gets them meanwhile.
  virtual absl::StatusOr<std::vector<ContactBundle>> LeaseContacts(std::string_view connection,
                                                                   const MarkFilter& filter,
                                                                   std::string_view owner, Time now,
                                                                   Duration lease) = 0;
  // The contact of a person with everything a plan needs, whether it is dirty or not; for looking
  // only; as if `without_deal` were not there. nullopt if the person is not stored or has no
  // contact.
  virtual absl::StatusOr<std::optional<ContactBundle>> BundleOfPerson(std::string_view connection,
                                                                      int64_t person_id,
                                                                      int64_t without_deal = 0) = 0;
  // Of these ids, the persons that are not stored.
  virtual absl::StatusOr<std::vector<int64_t>> UnknownPersons(std::string_view connection,
                                                              const std::vector<int64_t>& ids) = 0;
  // Takes each identifier for its contact unless another contact has it; tells which were granted.
  virtual absl::StatusOr<std::vector<bool>> ClaimIdentifiers(std::string_view connection,
                                                             const std::vector<Claim>& claims) = 0;
  // Writes states back, clears marks, records failures and (with `update`) the run's progress.
  virtual absl::Status SettleContacts(std::string_view connection,
                                      const std::vector<Settlement>& settlements,
                                      const std::vector<Failure>& failures,
                                      const RunUpdate* update) = 0;
  virtual absl::StatusOr<std::optional<ContactState>> FindContact(std::string_view connection,
                                                                  const Identifier& identifier) = 0;
  virtual absl::StatusOr<std::vector<ContactState>> GetContacts(
      std::string_view connection, const std::vector<int64_t>& keys) = 0;

  // --- Import jobs --------------------------------------------------------------------------

  virtual absl::StatusOr<int64_t> CreateImport(std::string_view connection,
                                               const ImportJob& job) = 0;
  // Adds rows to a job that is being built; their contacts leave the dirty queue until it ends.
  virtual absl::Status AppendImportRows(std::string_view connection, int64_t job_id,
                                        const std::vector<ImportRow>& rows) = 0;
  // kBuilding -> kIntent before it leaves, kIntent -> kSent with the process id after.
  virtual absl::Status MarkImport(std::string_view connection, int64_t job_id, ImportState state,
                                  int64_t process_id) = 0;
  virtual absl::StatusOr<std::vector<ImportJob>> OpenImports(std::string_view connection) = 0;
  // Rows of a job by contact key, after `after_key`.
  virtual absl::StatusOr<std::vector<ImportRow>> ImportRows(std::string_view connection,
                                                            int64_t job_id, int64_t after_key,
                                                            int limit) = 0;
  // Settles these contacts and removes their rows from the job, in one transaction.
  virtual absl::Status SettleImportRows(std::string_view connection, int64_t job_id,
                                        const std::vector<Settlement>& settlements,
                                        const std::vector<Failure>& failures,
                                        const RunUpdate* update) = 0;
  // Removes the job; contacts of rows still in it become dirty again.
  virtual absl::Status CloseImport(std::string_view connection, int64_t job_id) = 0;

  // --- Failures, plans, schema, housekeeping ---------------------------------------------------

  virtual absl::Status RecordFailures(std::string_view connection,
                                      const std::vector<Failure>& failures) = 0;
  // Newest first; `run_id` "" means all.
  virtual absl::StatusOr<std::vector<Failure>> ListFailures(std::string_view connection,
                                                            std::string_view run_id,
                                                            int64_t before_id, int limit) = 0;
  // Forgets failures that were taken up again.
  virtual absl::Status DeleteFailures(std::string_view connection,
                                      const std::vector<int64_t>& ids) = 0;
  // The spool of a dry run; cleared when the run starts over.
  virtual absl::Status ClearPlan(const RunLease& lease) = 0;
  virtual absl::Status AppendPlan(const RunLease& lease,
                                  const std::vector<PlannedChange>& changes) = 0;
  struct PlanPage {
    std::vector<PlannedChange> changes;
    int64_t last_sequence = 0;
  };
  virtual absl::StatusOr<PlanPage> ReadPlan(std::string_view connection, std::string_view run_id,
                                            int64_t after_sequence, int limit) = 0;

  struct StoredSchema {
    AccountSchema schema;
    Time fetched_at{};
  };
  virtual absl::StatusOr<std::optional<StoredSchema>> GetSchema(std::string_view connection) = 0;
  virtual absl::Status PutSchema(std::string_view connection, const AccountSchema& schema,
                                 Time fetched_at) = 0;

  struct QueueDepth {
    int64_t dirty_contacts = 0;
    int64_t open_imports = 0;
    std::optional<Time> oldest_mark;
    int64_t inbox_events = 0;
    std::optional<Time> oldest_inbox;
    int64_t outbox_events = 0;
    std::optional<Time> oldest_outbox;
    // Recorded, and neither retried nor older than 30 days. Counting stops at 10,000.
    int64_t failures = 0;
  };
  virtual absl::StatusOr<QueueDepth> GetQueueDepth(std::string_view connection) = 0;

  // Deletes finished runs, their plans, and failures older than `before`, and the keys of events
  // that were settled and are older than 7 days; returns rows deleted.
  virtual absl::StatusOr<int64_t> Prune(Time before) = 0;

  // A private copy of this connection's state in a temporary place, for a dry run: writing to it
  // changes nothing here. Removed with the object.
  virtual absl::StatusOr<std::unique_ptr<Store>> MakeScratchCopy(std::string_view connection) = 0;
};

}  // namespace connector::store
