#include "base/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace connector {
namespace {

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

ProcessUsage ReadProcessUsage() {
  ProcessUsage usage;
  rusage times{};
  if (getrusage(RUSAGE_SELF, &times) == 0) {
    usage.cpu_seconds = Seconds(times.ru_utime) + Seconds(times.ru_stime);
  }
  // The second field is the resident size in pages (proc(5)).
  std::ifstream sizes("/proc/self/statm");
  int64_t total = 0;
  int64_t resident = 0;
  if (sizes >> total >> resident) usage.resident_bytes = resident * sysconf(_SC_PAGESIZE);
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  // One of them is the directory's own.
  if (!error) usage.open_files = std::distance(begin(files), end(files)) - 1;
  return usage;
}

double ProcessStartTime() {
  static const double started =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  return started;
}

}  // namespace connector
