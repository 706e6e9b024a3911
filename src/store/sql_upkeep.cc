// SqlStore: the schema cache, the depth of the queue, pruning and scratch copies.

#include "base/status.h"
#include "model/wire.h"
#include "store/sql_database.h"
#include "store/sql_run_rows.h"
#include "store/sql_session.h"
#include "store/sql_store.h"

namespace connector::store {
namespace {

// Failures are counted so far: what is shown needs no more, and it stays cheap.
constexpr int64_t kMostFailuresCounted = 10'000;

struct OldRun {
  int64_t number = 0;
  int64_t conn = 0;
};

absl::StatusOr<std::optional<OldRun>> NextOldRun(SqlHandle& db, Time before) {
  SqlQuery query =
      db.Query("SELECT number, conn FROM runs WHERE state > ? AND finished_at < ? LIMIT 1",
               static_cast<int>(RunState::kRunning), before);
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  if (!found) return std::nullopt;
  return OldRun{query.Int(0), query.Int(1)};
}

absl::Status DeleteCounted(SqlHandle& db, absl::Status done, int64_t& deleted) {
  if (done.ok()) deleted += db.changes();
  return done;
}

// The rows a scratch copy must not take over: what was to be done there is somebody else's.
constexpr char kEmptyQueues[] =
    "DELETE FROM marks; DELETE FROM import_jobs; DELETE FROM import_job_rows; "
    "DELETE FROM failures; DELETE FROM plans; DELETE FROM inbox; DELETE FROM inbox_keys; "
    "DELETE FROM inbox_lanes; DELETE FROM outbox; DELETE FROM outbox_keys;";

// No sender repeats a webhook that long: Pipedrive gives up after minutes, Brevo after days.
constexpr Duration kKeysKept = std::chrono::hours(24 * 7);
// Of one transaction, so that nobody waits long for it.
constexpr int kPrunedAtOnce = 10'000;

// Deletes keys that are older than `before` and whose events are settled. Keys are in the order of
// their age, so the first that is younger ends the search.
absl::Status PruneInboxKeys(SqlHandle& db, Time before) {
  return db.Execute(
      "DELETE FROM inbox_keys WHERE id IN (SELECT k.id FROM inbox_keys k "
      "WHERE k.id < COALESCE((SELECT id FROM inbox_keys WHERE received_at >= ?1 ORDER BY id LIMIT "
      "1), 9223372036854775807) AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.id = k.id) LIMIT ?2)",
      before, kPrunedAtOnce);
}

absl::Status PruneOutboxKeys(SqlHandle& db, Time before) {
  return db.Execute(
      "DELETE FROM outbox_keys WHERE id IN (SELECT k.id FROM outbox_keys k "
      "WHERE k.id < COALESCE((SELECT id FROM outbox_keys WHERE created_at >= ?1 ORDER BY id LIMIT "
      "1), 9223372036854775807) AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.id = k.id) LIMIT "
      "?2)",
      before, kPrunedAtOnce);
}

// The age and number of rows in a queue.
struct Waiting {
  int64_t count = 0;
  std::optional<Time> oldest;
};

absl::StatusOr<Waiting> ReadWaiting(SqlQuery query) {
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  return found ? Waiting{query.Int(0), query.OptionalInstant(1)} : Waiting{};
}

absl::Status ReadEventDepth(SqlHandle& db, int64_t conn, Store::QueueDepth& depth) {
  // The oldest by arrival, not by time: no index of times is kept.
  CONNECTOR_ASSIGN_OR_RETURN(
      const Waiting inbox,
      ReadWaiting(db.Query(
          "SELECT n, (SELECT received_at FROM inbox WHERE id = first) FROM (SELECT count(*) AS n, "
          "MIN(id) AS first FROM inbox INDEXED BY inbox_order WHERE conn = ?) AS waiting",
          conn)));
  CONNECTOR_ASSIGN_OR_RETURN(
      const Waiting outbox,
      ReadWaiting(db.Query(
          "SELECT n, (SELECT created_at FROM outbox WHERE id = first) FROM (SELECT count(*) AS n, "
          "MIN(id) AS first FROM outbox INDEXED BY outbox_order WHERE conn = ?) AS waiting",
          conn)));
  depth.inbox_events = inbox.count;
  depth.oldest_inbox = inbox.oldest;
  depth.outbox_events = outbox.count;
  depth.oldest_outbox = outbox.oldest;
  return absl::OkStatus();
}

// Tombstones and their stage moves: Pipedrive restores no deal that was deleted so long ago.
absl::Status PruneDeals(SqlHandle& db, Time before) {
  constexpr int kDeleted = static_cast<int>(DealStatus::kDeleted);
  CONNECTOR_RETURN_IF_ERROR(
      db.Execute("DELETE FROM stage_moves WHERE (conn, deal) IN "
                 "(SELECT conn, id FROM deals WHERE status = ? AND updated_at < ?)",
                 kDeleted, before));
  CONNECTOR_RETURN_IF_ERROR(
      db.Execute("DELETE FROM deals WHERE status = ? AND updated_at < ?", kDeleted, before));
  return db.Execute("DELETE FROM leads WHERE deleted = 1 AND updated_at < ?", before);
}

}  // namespace

absl::StatusOr<std::optional<Store::StoredSchema>> SqlStore::GetSchema(
    std::string_view connection) {
  std::optional<StoredSchema> stored;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    SqlQuery query = db.Query("SELECT body, fetched_at FROM schemas WHERE conn = ?", conn);
    CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
    if (!found) return absl::OkStatus();
    CONNECTOR_ASSIGN_OR_RETURN(AccountSchema schema, DecodeAccountSchema(query.Bytes(0)));
    stored = StoredSchema{std::move(schema), query.Instant(1)};
    return absl::OkStatus();
  }));
  return stored;
}

absl::Status SqlStore::PutSchema(std::string_view connection, const AccountSchema& schema,
                                 Time fetched_at) {
  return Write(connection, [&](SqlSession& session) {
    return session.db().Execute(
        "INSERT INTO schemas (conn, body, fetched_at) VALUES (?, ?, ?) "
        "ON CONFLICT (conn) DO UPDATE SET body = excluded.body, fetched_at = excluded.fetched_at",
        session.conn(), Blob{Encode(schema)}, fetched_at);
  });
}

absl::StatusOr<Store::QueueDepth> SqlStore::GetQueueDepth(std::string_view connection) {
  QueueDepth depth;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    SqlQuery query = db.Query(
        "SELECT COUNT(CASE WHEN jobs = 0 THEN 1 END), MIN(marked_at), "
        "(SELECT count(*) FROM import_jobs WHERE conn = ?1), "
        "(SELECT count(*) FROM (SELECT 1 FROM failures WHERE conn = ?1 LIMIT ?2) AS few) "
        "FROM marks WHERE conn = ?1 AND version > 0",
        conn, kMostFailuresCounted);
    CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
    if (found) {
      depth.dirty_contacts = query.Int(0);
      depth.oldest_mark = query.OptionalInstant(1);
      depth.open_imports = query.Int(2);
      depth.failures = query.Int(3);
    }
    return ReadEventDepth(db, conn, depth);
  }));
  return depth;
}

absl::Status SqlStore::PruneKeys(absl::Status (*prune)(SqlHandle&, Time), int64_t& deleted) {
  const Time before = clock_.Now() - kKeysKept;
  for (int64_t last = kPrunedAtOnce; last >= kPrunedAtOnce;) {
    absl::Status done = database_->Write([&](SqlHandle& db) -> absl::Status {
      CONNECTOR_RETURN_IF_ERROR(prune(db, before));
      last = db.changes();
      return absl::OkStatus();
    });
    if (!done.ok()) return done;
    deleted += last;
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> SqlStore::Prune(Time before) {
  int64_t deleted = 0;
  CONNECTOR_RETURN_IF_ERROR(database_->Write([&](SqlHandle& db) {
    return DeleteCounted(db, db.Execute("DELETE FROM failures WHERE created_at < ?", before),
                         deleted);
  }));
  CONNECTOR_RETURN_IF_ERROR(
      database_->Write([before](SqlHandle& db) { return PruneDeals(db, before); }));
  // A transaction a run: the plan of a dry run can be as long as the account.
  for (bool more = true; more;) {
    const absl::Status done = database_->Write([&](SqlHandle& db) -> absl::Status {
      CONNECTOR_ASSIGN_OR_RETURN(const std::optional<OldRun> run, NextOldRun(db, before));
      more = run.has_value();
      if (!more) return absl::OkStatus();
      CONNECTOR_RETURN_IF_ERROR(DeleteCounted(
          db, db.Execute("DELETE FROM plans WHERE conn = ? AND run = ?", run->conn, run->number),
          deleted));
      return DeleteCounted(db, db.Execute("DELETE FROM runs WHERE number = ?", run->number),
                           deleted);
    });
    if (!done.ok()) return done;
  }
  for (const auto prune : {PruneInboxKeys, PruneOutboxKeys}) {
    CONNECTOR_RETURN_IF_ERROR(PruneKeys(prune, deleted));
  }
  return deleted;
}

// Copies every connection: taking out the others would cost more than carrying them.
absl::StatusOr<std::unique_ptr<Store>> SqlStore::MakeScratchCopy(std::string_view /*connection*/) {
  CONNECTOR_ASSIGN_OR_RETURN(std::unique_ptr<SqlDatabase> copy, database_->Copy());
  CONNECTOR_RETURN_IF_ERROR(copy->Write([](SqlHandle& db) { return db.Script(kEmptyQueues); }));
  return std::make_unique<SqlStore>(std::move(copy), FileUse(":memory:"), sealer_, clock_);
}

}  // namespace connector::store
