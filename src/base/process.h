#pragma once

#include <cstdint>

namespace connector {

// What this process uses.
struct ProcessUsage {
  double cpu_seconds = 0;  // user and system
  int64_t resident_bytes = 0;
  int64_t open_files = 0;
};
ProcessUsage ReadProcessUsage();

// When this process started, in Unix seconds of real time.
double ProcessStartTime();

}  // namespace connector
