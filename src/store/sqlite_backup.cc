#include "store/sqlite_backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "store/sqlite_handle.h"

namespace connector::store {
namespace {

namespace fs = std::filesystem;

absl::Status Trouble(absl::string_view what, const std::string& path) {
  const std::error_code why(errno, std::generic_category());
  return absl::InternalError(absl::StrCat(what, " ", path, ": ", why.message()));
}

absl::Status SyncToDisk(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC);
  if (file < 0) return Trouble("cannot open", path);
  const int synced = ::fsync(file);
  ::close(file);
  return synced == 0 ? absl::OkStatus() : Trouble("cannot bring to disk", path);
}

absl::Status CheckWhole(const std::string& path) {
  CONNECTOR_ASSIGN_OR_RETURN(const auto copy,
                             SqliteHandle::Open(path, SQLITE_OPEN_READWRITE, path));
  SqlQuery check = copy->Query("PRAGMA integrity_check(1)");
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, check.Next());
  if (found && check.Text(0) == "ok") return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      "the copy is damaged, and so is the database: ", found ? check.Text(0) : "no answer",
      "; restore an earlier backup"));
}

}  // namespace

absl::Status BackUpSqlite(const std::string& path, const std::string& to) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    return absl::NotFoundError(absl::StrCat("there is no database ", path));
  }
  const auto taken = [&to] {
    return absl::AlreadyExistsError(
        absl::StrCat(to, " exists already; name another file, or remove it first"));
  };
  if (fs::exists(to, error)) return taken();
  const std::string part = to + ".part";
  ::unlink(part.c_str());
  // Made here, so that nobody else can read it from its first byte on; SQLite takes an empty file.
  const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return Trouble("cannot create", part);
  ::close(file);
  const auto remove_part = absl::MakeCleanup([&part] { ::unlink(part.c_str()); });
  {
    CONNECTOR_ASSIGN_OR_RETURN(const auto source,
                               SqliteHandle::Open(path, SQLITE_OPEN_READWRITE, path));
    CONNECTOR_RETURN_IF_ERROR(source->Execute("VACUUM INTO ?", part));
  }
  CONNECTOR_RETURN_IF_ERROR(CheckWhole(part));
  CONNECTOR_RETURN_IF_ERROR(SyncToDisk(part, O_RDONLY));
  // link() and not rename(): it takes no place that is taken meanwhile.
  if (::link(part.c_str(), to.c_str()) != 0) {
    if (errno == EEXIST) return taken();
    // Some file systems know no second name.
    if (::rename(part.c_str(), to.c_str()) != 0) return Trouble("cannot name the copy", to);
  }
  const std::string directory = fs::path(to).parent_path().string();
  return SyncToDisk(directory.empty() ? "." : directory, O_RDONLY | O_DIRECTORY);
}

}  // namespace connector::store
