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
  const bool connected = db.connected();
  CONNECTOR_RETURN_IF_ERROR(db.Connect());
  const auto rollback = absl::MakeCleanup([&db] {
    // If it fails the session is of no more use, and Connect makes a new one.
    if (db.in_transaction()) db.Script("ROLLBACK").IgnoreError();
  });
  absl::Status begun = db.Script(begin);
  if (absl::IsUnavailable(begun) && connected) {
    // The session was lost while it was idle: nothing has been done yet.
    CONNECTOR_RETURN_IF_ERROR(db.Connect());
    begun = db.Script(begin);
  }
  CONNECTOR_RETURN_IF_ERROR(begun);
  CONNECTOR_RETURN_IF_ERROR(work(db));
  return db.Script("COMMIT");
}

}  // namespace

PostgresDatabase::PostgresDatabase(const Secret& url) : writer_(url) {
  for (int i = 0; i < kReaders; ++i) {
    readers_.Add(std::make_unique<PostgresHandle>(url));
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

absl::Status PostgresDatabase::Read(Work work) {
  return Observed("read", readers_.With([&work](PostgresHandle& reader) {
    return InTransaction(reader, kBeginReading, work);
  }));
}

absl::StatusOr<std::unique_ptr<SqlDatabase>> PostgresDatabase::Copy() {
  std::unique_ptr<SqlDatabase> copy;
  const auto fill = [&copy](PostgresHandle& db) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(copy, CopyIntoSqlite(db));
    return absl::OkStatus();
  };
  CONNECTOR_RETURN_IF_ERROR(readers_.With(
      [&fill](PostgresHandle& reader) { return InTransaction(reader, kBeginReading, fill); }));
  return copy;
}

}  // namespace connector::store
