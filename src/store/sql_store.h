#pragma once

// The durable state in an SQL database: one SQLite file, the default, for a single replica (several
// processes on one file are safe, but only on one machine: WAL needs shared memory), or a
// PostgreSQL database that several replicas share.
//
// Any thread. One transaction writes at a time, in PostgreSQL among all replicas; reading a run,
// its plan or the depth of the queue never waits for it. A commit is on disk when a method returns.
//
// Who opens a file that nobody else uses ends the leases that were left in it: their holders are
// dead. They need not run out, then.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "store/file_use.h"
#include "store/sealer.h"
#include "store/store.h"

namespace connector::store {

class AppendQueue;
class SqlDatabase;
class SqlHandle;
class SqlSession;

struct SqliteOptions {
  std::string path;  // a file, made if it is not there, with its directory; ":memory:" for tests
  std::vector<Secret> token_keys{};  // the first encrypts OAuth tokens, each of them decrypts
  // Told of every transaction that failed because of the file or its disk: "read" or "write", and
  // the code in lower case. Any thread.
  std::function<void(std::string_view operation, std::string_view code)> on_error{};
};

// FAILED_PRECONDITION: another program's file, or one a newer version wrote. DATA_LOSS: no database
// or a damaged one. INTERNAL: can't be opened for writing. Each names the path and what to do.
// `clock` must outlive the store; it dates marks and retries.
absl::StatusOr<std::unique_ptr<Store>> MakeSqliteStore(const SqliteOptions& options,
                                                       const Clock& clock);

struct PostgresOptions {
  Secret url;  // postgresql://user:password@host:port/database, as libpq takes it
  std::vector<Secret> token_keys{};
  std::function<void(std::string_view operation, std::string_view code)> on_error{};
};

// FAILED_PRECONDITION: what store.url says can't be right, or the database is another program's or
// a newer version's. UNAVAILABLE: it can't be reached now.
absl::StatusOr<std::unique_ptr<Store>> MakePostgresStore(const PostgresOptions& options,
                                                         const Clock& clock);

class SqlStore final : public Store {
 public:
  SqlStore(std::unique_ptr<SqlDatabase> database, std::optional<FileUse> use, Sealer sealer,
           const Clock& clock);
  ~SqlStore() override;

  // sql_runs.cc
  absl::StatusOr<Submitted> SubmitRun(const Run& run) override;
  absl::StatusOr<Run> GetRun(std::string_view connection, std::string_view id) override;
  absl::StatusOr<std::vector<Run>> ListRuns(std::string_view connection, int limit) override;
  absl::StatusOr<std::optional<Run>> LastRun(std::string_view connection, RunKind kind,
                                             RunState state) override;
  absl::Status RequestCancel(std::string_view connection, std::string_view id) override;

  // sql_leases.cc
  absl::StatusOr<std::optional<Run>> LeaseRun(std::string_view owner, Time now,
                                              Duration lease) override;
  absl::StatusOr<bool> RenewRun(const RunLease& lease, Time until) override;
  absl::Status SaveProgress(const RunUpdate& update) override;
  absl::Status ReleaseRun(const RunUpdate& update) override;
  absl::Status FinishRun(const RunUpdate& update, RunState state, std::string_view error,
                         Time now) override;
  absl::Status SucceedRun(const RunUpdate& update, const std::vector<Watermark>& watermarks,
                          Time now) override;
  absl::StatusOr<Cursor> GetCursor(const RunLease& lease, std::string_view walk) override;
  absl::StatusOr<std::string> GetWatermark(std::string_view connection,
                                           std::string_view name) override;
  absl::Status SetWatermark(std::string_view connection, std::string_view name,
                            std::string_view value) override;

  // sql_contact_pages.cc, sql_person_pages.cc, sql_organizations.cc
  absl::Status FinishContactsPage(const RunUpdate& update, const Cursor& cursor,
                                  const std::vector<Contact>& page,
                                  const ContactFold& fold) override;
  absl::StatusOr<FoldCounts> FinishPersonsPage(const RunUpdate& update, const Cursor& cursor,
                                               const std::vector<PersonRow>& page, Existence unseen,
                                               bool mark_all) override;
  absl::StatusOr<FoldCounts> FinishOrganizationsPage(
      const RunUpdate& update, const Cursor& cursor,
      const std::vector<Organization>& page) override;
  absl::StatusOr<FoldCounts> FinishAllOrganizationsPage(
      const RunUpdate& update, std::string_view walk, const Cursor& cursor,
      const std::vector<Organization>& page) override;
  absl::StatusOr<std::vector<int64_t>> OrganizationsNotSeen(const RunLease& lease, int64_t after_id,
                                                            int limit) override;
  absl::StatusOr<std::vector<int64_t>> UnknownOrganizations(
      std::string_view connection, const std::vector<int64_t>& ids) override;
  absl::StatusOr<std::vector<int64_t>> PersonsOfOrganization(std::string_view connection,
                                                             int64_t organization,
                                                             int limit) override;
  absl::StatusOr<std::vector<PersonVersion>> PersonVersions(
      std::string_view connection, const std::vector<int64_t>& ids) override;
  absl::StatusOr<std::vector<int64_t>> PersonsInList(std::string_view connection,
                                                     int64_t list_id) override;
  absl::StatusOr<std::vector<ContactState>> ContactsNeverShown(std::string_view connection,
                                                               int64_t after_key,
                                                               int limit) override;
  absl::Status ReopenContacts(const RunUpdate& update,
                              const std::vector<ContactState>& states) override;

  // sql_live.cc
  absl::Status MarkContacts(std::string_view connection, const std::vector<int64_t>& keys,
                            Urgency urgency) override;
  absl::StatusOr<LiveMarks> CountLiveMarks(std::string_view connection, Time now) override;

  // sql_converge.cc
  absl::StatusOr<int64_t> CountMarks(std::string_view connection, std::string_view run_id) override;
  absl::StatusOr<std::vector<ContactBundle>> LeaseContacts(std::string_view connection,
                                                           const MarkFilter& filter,
                                                           std::string_view owner, Time now,
                                                           Duration lease) override;
  absl::StatusOr<std::vector<bool>> ClaimIdentifiers(std::string_view connection,
                                                     const std::vector<Claim>& claims) override;
  absl::Status SettleContacts(std::string_view connection,
                              const std::vector<Settlement>& settlements,
                              const std::vector<Failure>& failures,
                              const RunUpdate* update) override;
  absl::StatusOr<std::optional<ContactState>> FindContact(std::string_view connection,
                                                          const Identifier& identifier) override;
  absl::StatusOr<std::vector<ContactState>> GetContacts(std::string_view connection,
                                                        const std::vector<int64_t>& keys) override;

  absl::StatusOr<std::optional<ContactBundle>> BundleOfPerson(std::string_view connection,
                                                              int64_t person_id,
                                                              int64_t without_deal) override;

  // sql_person_pages.cc
  absl::Status KeepPersonWrite(std::string_view connection, const PersonRow& row,
                               const ContactState& before, const ContactState& state) override;

  // sql_deals.cc
  absl::StatusOr<DealFold> FinishDealsPage(const RunUpdate& update, std::string_view walk,
                                           const Cursor& cursor, const std::vector<Deal>& page,
                                           bool sees_all) override;
  absl::StatusOr<DealFold> FoldDeals(std::string_view connection,
                                     const std::vector<Deal>& deals) override;
  absl::StatusOr<std::vector<int64_t>> DealsNotSeen(const RunLease& lease, int64_t after_id,
                                                    int limit) override;
  absl::StatusOr<std::optional<Deal>> FindDeal(std::string_view connection, int64_t id) override;
  absl::StatusOr<std::vector<StageMove>> StageMovesOf(std::string_view connection,
                                                      int64_t deal_id) override;
  // sql_report.cc
  absl::StatusOr<std::vector<DealHistory>> DealHistoriesAfter(std::string_view connection,
                                                              int64_t after_id, Beside beside,
                                                              int limit) override;
  absl::StatusOr<std::vector<int64_t>> UnknownPersons(std::string_view connection,
                                                      const std::vector<int64_t>& ids) override;

  // sql_leads.cc, sql_activities.cc
  absl::StatusOr<LeadFold> FinishLeadsPage(const RunUpdate& update, std::string_view walk,
                                           const Cursor& cursor, const std::vector<Lead>& page,
                                           bool sees_all) override;
  absl::StatusOr<std::vector<std::string>> LeadsNotSeen(const RunLease& lease,
                                                        std::string_view after_id,
                                                        int limit) override;
  absl::StatusOr<std::optional<Lead>> FindLead(std::string_view connection,
                                               std::string_view id) override;
  absl::StatusOr<ActivityFold> FinishActivitiesPage(
      const RunUpdate& update, std::string_view walk, const Cursor& cursor,
      const std::vector<ActivityChange>& page) override;

  // sql_insight.cc
  absl::StatusOr<std::optional<ContactBundle>> BundleOfContact(std::string_view connection,
                                                               int64_t key) override;
  absl::StatusOr<std::vector<ContactBundle>> BundlesAfter(std::string_view connection,
                                                          int64_t after_key, int limit) override;
  absl::StatusOr<std::vector<bool>> MayClaim(std::string_view connection,
                                             const std::vector<Claim>& claims) override;
  absl::StatusOr<std::optional<ContactState>> FindContactById(std::string_view connection,
                                                              int64_t brevo_id) override;
  absl::StatusOr<std::optional<BoundPerson>> FindPerson(std::string_view connection,
                                                        int64_t id) override;
  absl::StatusOr<std::vector<Person>> UnboundPersonsAfter(std::string_view connection,
                                                          int64_t after_id, int limit) override;
  absl::StatusOr<std::vector<int64_t>> SharedContactsAfter(std::string_view connection,
                                                           int64_t after_key, int limit) override;
  absl::StatusOr<PendingWork> PendingWorkOf(std::string_view connection, int64_t key,
                                            const std::vector<int64_t>& persons) override;
  absl::StatusOr<std::vector<Failure>> FailuresOf(std::string_view connection,
                                                  const std::vector<std::string>& records,
                                                  int limit) override;

  // sql_erasure.cc
  absl::StatusOr<Erasure> BeginErasure(std::string_view connection, const Erasure& erasure,
                                       Time now) override;
  absl::StatusOr<Erasure> SaveErasure(std::string_view connection, const Erasure& erasure,
                                      Time now) override;
  absl::StatusOr<std::optional<Erasure>> FindErasure(std::string_view connection,
                                                     std::string_view identifier) override;
  absl::StatusOr<std::vector<Erasure>> UnfinishedErasures(std::string_view connection,
                                                          int limit) override;

  // sql_sightings.cc
  absl::Status NoteSeen(const RunLease& lease, Sighted what, std::vector<int64_t> ids) override;
  absl::StatusOr<UnseenPage> UnseenAfter(const RunLease& lease, Sighted what, int64_t after_id,
                                         int limit) override;

  // sql_imports.cc
  absl::StatusOr<int64_t> CreateImport(std::string_view connection, const ImportJob& job) override;
  absl::Status AppendImportRows(std::string_view connection, int64_t job_id,
                                const std::vector<ImportRow>& rows) override;
  absl::Status MarkImport(std::string_view connection, int64_t job_id, ImportState state,
                          int64_t process_id) override;
  absl::StatusOr<std::vector<ImportJob>> OpenImports(std::string_view connection) override;
  absl::StatusOr<std::vector<ImportRow>> ImportRows(std::string_view connection, int64_t job_id,
                                                    int64_t after_key, int limit) override;
  absl::Status SettleImportRows(std::string_view connection, int64_t job_id,
                                const std::vector<Settlement>& settlements,
                                const std::vector<Failure>& failures,
                                const RunUpdate* update) override;
  absl::Status CloseImport(std::string_view connection, int64_t job_id) override;

  // sql_inbox.cc, sql_ingest.cc
  void AppendInbox(InboxEntry entry, AppendDone done) override;
  absl::StatusOr<std::vector<LeasedEvent>> LeaseInbox(std::string_view connection,
                                                      std::string_view owner, Time now,
                                                      Duration lease, int limit) override;
  absl::Status RenewInbox(std::string_view connection, std::string_view owner, Time until) override;
  absl::StatusOr<FoldCounts> FinishIngest(std::string_view connection, std::string_view owner,
                                          const IngestBatch& batch) override;
  absl::StatusOr<EventState> GetEventState(std::string_view connection,
                                           std::string_view key) override;

  // sql_contact_news.cc
  absl::StatusOr<std::vector<std::optional<KnownContact>>> FindContacts(
      std::string_view connection, const std::vector<std::string>& emails) override;
  absl::StatusOr<std::vector<ContactState>> ContactsWithoutPerson(std::string_view connection,
                                                                  int64_t after_key,
                                                                  int limit) override;

  // sql_outbox.cc
  absl::StatusOr<std::vector<LeasedOutboxEvent>> LeaseOutbox(std::string_view connection,
                                                             std::string_view owner, Time now,
                                                             Duration lease, int limit) override;
  absl::Status MarkOutboxIntent(std::string_view connection, std::string_view owner,
                                const std::vector<int64_t>& ids, Time now) override;
  absl::Status SettleOutbox(std::string_view connection, std::string_view owner,
                            const OutboxSettlement& settlement) override;
  absl::StatusOr<std::vector<LeasedOutboxEvent>> LeaseParked(std::string_view connection,
                                                             std::string_view owner, Time now,
                                                             Duration lease, int limit) override;

  // sql_reports.cc
  absl::Status RecordFailures(std::string_view connection,
                              const std::vector<Failure>& failures) override;
  absl::StatusOr<std::vector<Failure>> ListFailures(std::string_view connection,
                                                    std::string_view run_id, int64_t before_id,
                                                    int limit) override;
  absl::Status DeleteFailures(std::string_view connection,
                              const std::vector<int64_t>& ids) override;
  absl::Status ClearPlan(const RunLease& lease) override;
  absl::Status AppendPlan(const RunLease& lease,
                          const std::vector<PlannedChange>& changes) override;
  absl::StatusOr<PlanPage> ReadPlan(std::string_view connection, std::string_view run_id,
                                    int64_t after_sequence, int limit) override;

  // sql_upkeep.cc
  absl::StatusOr<std::optional<StoredSchema>> GetSchema(std::string_view connection) override;
  absl::Status PutSchema(std::string_view connection, const AccountSchema& schema,
                         Time fetched_at) override;
  absl::StatusOr<QueueDepth> GetQueueDepth(std::string_view connection) override;
  absl::StatusOr<int64_t> Prune(Time before) override;
  absl::StatusOr<std::unique_ptr<Store>> MakeScratchCopy(std::string_view connection) override;

  // sql_tokens.cc
  absl::StatusOr<std::optional<Grant>> GetGrant(std::string_view connection) override;
  absl::Status PutGrant(std::string_view connection, const Grant& grant) override;
  absl::Status DropGrant(std::string_view connection) override;
  absl::StatusOr<bool> LeaseRenewal(std::string_view connection, int64_t version,
                                    std::string_view owner, Time now, Duration lease) override;
  absl::Status FinishRenewal(std::string_view connection, std::string_view owner,
                             const Grant& grant) override;
  absl::Status ReleaseRenewal(std::string_view connection, std::string_view owner) override;
  absl::Status AddAuthorization(std::string_view connection, std::string_view state, Time now,
                                Time expires_at) override;
  absl::StatusOr<bool> TakeAuthorization(std::string_view connection, std::string_view state,
                                         Time now) override;

 private:
  // One write transaction of a connection.
  absl::Status Write(std::string_view connection,
                     absl::FunctionRef<absl::Status(SqlSession&)> work);
  // One snapshot; `conn` is 0 for a connection nothing is known of.
  absl::Status Read(std::string_view connection,
                    absl::FunctionRef<absl::Status(SqlHandle&, int64_t conn)> work);

  // Applies `prune` until there is nothing more to delete.
  absl::Status PruneKeys(absl::Status (*prune)(SqlHandle&, Time before), int64_t& deleted);
  // Lanes of the inbox that are due and that nobody holds, at most `limit`.
  absl::StatusOr<std::vector<std::string>> FindLanes(std::string_view connection, Time now,
                                                     int limit);
  // One transaction; tells what became of each entry.
  absl::StatusOr<std::vector<Appended>> CommitInbox(const std::vector<InboxEntry>& entries);

  const std::optional<FileUse> use_;  // of SQLite; ends after the database is closed
  const std::unique_ptr<SqlDatabase> database_;
  const Sealer sealer_;
  const Clock& clock_;
  const std::unique_ptr<AppendQueue> appends_;  // ends first: it commits what is waiting
};

}  // namespace connector::store
