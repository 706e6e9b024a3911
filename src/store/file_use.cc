#include "store/file_use.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace connector::store {
namespace {

bool Lock(int file, int how) {
  int result = 0;
  do {
    result = ::flock(file, how);
  } while (result != 0 && errno == EINTR);
  return result == 0;
}

}  // namespace

// Not a lock of the database file itself: SQLite's own locks end when any descriptor of it is
// closed.
FileUse::FileUse(const std::string& path) {
  if (path == ":memory:") return;
  file_ = ::open((path + "-use").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  alone_ = file_ >= 0 && Lock(file_, LOCK_EX | LOCK_NB);
}

FileUse::~FileUse() {
  if (file_ >= 0) ::close(file_);
}

FileUse::FileUse(FileUse&& other) noexcept
    : file_(std::exchange(other.file_, -1)), alone_(std::exchange(other.alone_, false)) {}

void FileUse::Share() {
  alone_ = false;
  if (file_ >= 0) Lock(file_, LOCK_SH);
}

}  // namespace connector::store
