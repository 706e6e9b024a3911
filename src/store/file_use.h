#pragma once

#include <string>

namespace connector::store {

// Says whether other processes, or other objects of this one, use a database file: all who do hold
// a lock of a file beside it, which the system drops when a process dies, however it does. Where
// such locks do not work nobody is ever alone. One thread.
class FileUse {
 public:
  // ":memory:" is nobody else's, and new.
  explicit FileUse(const std::string& path);
  ~FileUse();
  FileUse(FileUse&& other) noexcept;
  FileUse& operator=(FileUse&&) = delete;

  // Until Share() nobody else can say that of himself.
  bool alone() const { return alone_; }
  // Lets others in.
  void Share();

 private:
  int file_ = -1;
  bool alone_ = false;
};

}  // namespace connector::store
