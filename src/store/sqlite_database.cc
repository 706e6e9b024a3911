#include "store/sqlite_database.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "store/migrations.h"

namespace connector::store {
namespace {

constexpr char kMemory[] = ":memory:";

// Readers beside the writer: progress streams and the metrics' scrape; more would only share the
// same two or so cores.
constexpr int kReaders = 2;

// cache_size in KiB: bounded, see design.md section 4.8. page_size: a walk in the vendor's order
// touches e-mails in none, so most of what it writes is whole pages for single rows, and small
// pages are less to write. wal_autocheckpoint: 32 MiB, so that such a page goes to the database
// once for many commits (against 16 MiB it saves a tenth of a walk's CPU). journal_size_limit: what
// remains of a WAL that a long reader let grow.
constexpr char kWriterSettings[] = R"sql(
PRAGMA page_size = 4096;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA cache_size = -8192;
PRAGMA mmap_size = 0;
PRAGMA wal_autocheckpoint = 8192;
PRAGMA journal_size_limit = 67108864;
PRAGMA temp_store = MEMORY;
)sql";
constexpr char kReaderSettings[] = R"sql(
PRAGMA query_only = 1;
PRAGMA cache_size = -2048;
PRAGMA mmap_size = 0;
)sql";
// Nothing of a scratch copy outlives its process, so nothing is synced; the rollback journal is in
// memory because the file has no name that a journal's could be made from.
constexpr char kScratchSettings[] = R"sql(
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = MEMORY;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -8192;
PRAGMA mmap_size = 0;
PRAGMA temp_store = MEMORY;
BEGIN IMMEDIATE; COMMIT;
)sql";

// Makes the file readable by the service alone before SQLite would create it by the umask: it holds
// names and addresses. SQLite gives the -wal and -shm files the same mode.
absl::Status PrepareFile(const std::string& path) {
  const std::filesystem::path directory = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!directory.empty()) std::filesystem::create_directories(directory, error);
  if (error) {
    return absl::InternalError(absl::StrCat("cannot create the directory ", directory.string(),
                                            " for the database: ", error.message()));
  }
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    const std::error_code why(errno, std::generic_category());
    return absl::InternalError(
        absl::StrCat("cannot open the database ", path, " for writing: ", why.message(),
                     "; the service's user must be able to write the file and its directory"));
  }
  ::close(file);
  return absl::OkStatus();
}

std::string TemporaryDirectory() {
  std::error_code error;
  const std::filesystem::path directory = std::filesystem::temp_directory_path(error);
  return error ? "." : directory.string();
}

// Rolls back what is not committed when it goes out of scope.
class Transaction {
 public:
  explicit Transaction(SqliteHandle& db) : db_(db) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() {
    // SQLite has rolled back by itself after some errors. A rollback that fails leaves nothing to
    // do: the next BEGIN says so.
    if (db_.in_transaction()) db_.Execute("ROLLBACK").IgnoreError();
  }

  absl::Status Run(Sql begin, SqliteDatabase::Work work) {
    CONNECTOR_RETURN_IF_ERROR(db_.Execute(begin));
    CONNECTOR_RETURN_IF_ERROR(work(db_));
    return db_.Execute("COMMIT");
  }

 private:
  SqliteHandle& db_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteDatabase>> SqliteDatabase::Open(const std::string& path) {
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(path));
  if (path != kMemory) CONNECTOR_RETURN_IF_ERROR(PrepareFile(path));
  CONNECTOR_RETURN_IF_ERROR(database->OpenWriter());
  if (path != kMemory) CONNECTOR_RETURN_IF_ERROR(database->OpenReaders());
  return database;
}

absl::Status SqliteDatabase::OpenWriter() {
  CONNECTOR_ASSIGN_OR_RETURN(
      writer_, SqliteHandle::Open(path_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, path_));
  CONNECTOR_RETURN_IF_ERROR(writer_->Script(kWriterSettings));
  return MigrateSqlite(*writer_, path_);
}

absl::Status SqliteDatabase::OpenReaders() {
  for (int i = 0; i < kReaders; ++i) {
    // Read-write, held to reading by query_only: a read-only connection can't recover a WAL.
    CONNECTOR_ASSIGN_OR_RETURN(auto reader,
                               SqliteHandle::Open(path_, SQLITE_OPEN_READWRITE, path_));
    CONNECTOR_RETURN_IF_ERROR(reader->Script(kReaderSettings));
    readers_.Add(std::move(reader));
  }
  return absl::OkStatus();
}

std::string SqliteDatabase::ScratchDirectory() const {
  if (path_ == kMemory || path_.empty()) return "";
  const std::string directory = std::filesystem::path(path_).parent_path().string();
  return directory.empty() ? "." : directory;
}

absl::StatusOr<std::unique_ptr<SqliteDatabase>> SqliteDatabase::Scratch(
    std::string directory, absl::FunctionRef<absl::Status(const std::string&)> fill) {
  if (directory.empty()) directory = TemporaryDirectory();
  std::string path = directory + "/pipedrive-connector-scratch-XXXXXX";
  const int file = ::mkstemp(path.data());
  if (file < 0) {
    const std::error_code why(errno, std::generic_category());
    return absl::InternalError(
        absl::StrCat("cannot create a scratch copy ", path, ": ", why.message()));
  }
  ::close(file);
  const auto unlink = absl::MakeCleanup([&path] { ::unlink(path.c_str()); });
  CONNECTOR_RETURN_IF_ERROR(fill(path));

  // The path stays empty: the copy has no name by the time anybody could use it.
  std::unique_ptr<SqliteDatabase> copy(new SqliteDatabase(""));
  CONNECTOR_ASSIGN_OR_RETURN(copy->writer_, SqliteHandle::Open(path, SQLITE_OPEN_READWRITE, path));
  CONNECTOR_RETURN_IF_ERROR(copy->writer_->Script(kScratchSettings));
  return copy;
}

absl::StatusOr<std::unique_ptr<SqlDatabase>> SqliteDatabase::Copy() {
  return Scratch(ScratchDirectory(), [this](const std::string& path) -> absl::Status {
    // VACUUM INTO takes no transaction around it; it reads a snapshot of its own.
    const auto vacuum = [&path](SqlHandle& db) { return db.Execute("VACUUM INTO ?", path); };
    if (readers_.empty()) {
      const WriteTurns::Turn turn(turns_, WriteTurns::Kind::kPatient);
      return vacuum(*writer_);
    }
    CONNECTOR_ASSIGN_OR_RETURN(const auto reader,
                               SqliteHandle::Open(path_, SQLITE_OPEN_READWRITE, path_));
    return vacuum(*reader);
  });
}

absl::Status SqliteDatabase::Write(Work work, WriteTurns::Kind kind) {
  const WriteTurns::Turn turn(turns_, kind);
  return Observed("write", Transaction(*writer_).Run("BEGIN IMMEDIATE", work));
}

absl::Status SqliteDatabase::Read(Work work) {
  if (readers_.empty()) {
    const WriteTurns::Turn turn(turns_, WriteTurns::Kind::kPatient);
    return Observed("read", Transaction(*writer_).Run("BEGIN", work));
  }
  return Observed("read", readers_.With([&work](SqliteHandle& reader) {
    return Transaction(reader).Run("BEGIN", work);
  }));
}

}  // namespace connector::store
