#include "store/postgres_database.h"

#include "absl/cleanup/cleanup.h"
#include "base/status.h"
#include "store/migrations.h"
#include "store/postgres_copy.h"

namespace connector::store {
namespace {

// As many as SQLite has, see there.
constexpr int kReaders = 2;

// The key is any number that nobody else uses: "PDBC", as in migrations.cc.
constexpr char kBeginWriting[] = "BEGIN; SELECT pg_advisory_xact_lock(1346650691)";
constexpr char kBeginReading[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

// Rolls back what is not committed.
absl::Status InTransaction(PostgresHandle& db, const char* begin,
                           absl::FunctionRef<absl::Status(PostgresHandle&)> work) {
  CONNECTOR_RETURN_IF_ERROR(db.Connect());
  const auto rollback = absl::MakeCleanup([&db] {
    // If it fails the session is of no more use, and Connect makes a new one.
    if (db.in_transaction()) db.Script("ROLLBACK").IgnoreError();
  });
  CONNECTOR_RETURN_IF_ERROR(db.Script(begin));
  CONNECTOR_RETURN_IF_ERROR(work(db));
  return db.Script("COMMIT");
}

}  // namespace

PostgresDatabase::PostgresDatabase(const Secret& url) : writer_(url) {
  for (int i = 0; i < kReaders; ++i) {
    readers_.push_back(std::make_unique<PostgresHandle>(url));
    idle_readers_.push_back(readers_.back().get());
  }
}

absl::StatusOr<std::unique_ptr<PostgresDatabase>> PostgresDatabase::Open(const Secret& url) {
  std::unique_ptr<PostgresDatabase> database(new PostgresDatabase(url));
  CONNECTOR_RETURN_IF_ERROR(InTransaction(database->writer_, kBeginWriting, MigratePostgres));
  return database;
}

absl::Status PostgresDatabase::Write(Work work, WriteTurns::Kind kind) {
  const WriteTurns::Turn turn(turns_, kind);
  return Observed("write", InTransaction(writer_, kBeginWriting, work));
}

absl::Status PostgresDatabase::Read(Work work) { return Observed("read", WithReader(work)); }

absl::Status PostgresDatabase::WithReader(absl::FunctionRef<absl::Status(PostgresHandle&)> work) {
  std::unique_lock lock(readers_mutex_);
  reader_freed_.wait(lock, [this] { return !idle_readers_.empty(); });
  PostgresHandle* const reader = idle_readers_.back();
  idle_readers_.pop_back();
  lock.unlock();
  const auto give_back = absl::MakeCleanup([this, reader] {
    {
      const std::lock_guard relock(readers_mutex_);
      idle_readers_.push_back(reader);
    }
    reader_freed_.notify_one();
  });
  return InTransaction(*reader, kBeginReading, work);
}

absl::StatusOr<std::unique_ptr<SqlDatabase>> PostgresDatabase::Copy() {
  std::unique_ptr<SqlDatabase> copy;
  CONNECTOR_RETURN_IF_ERROR(WithReader([&](PostgresHandle& db) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(copy, CopyIntoSqlite(db));
    return absl::OkStatus();
  }));
  return copy;
}

}  // namespace connector::store
