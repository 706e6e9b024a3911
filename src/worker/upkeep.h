#pragma once

#include <thread>

#include "base/clock.h"
#include "base/log.h"
#include "store/store.h"

namespace connector::worker {

// Keeps the store from growing without end: once an hour, what is older than 30 days goes.
class Upkeep {
 public:
  Upkeep(store::Store& store, Clock& clock, const Logger& log)
      : store_(store), clock_(clock), log_(log) {}

  void Start();
  void Stop();

 private:
  store::Store& store_;
  Clock& clock_;
  const Logger& log_;
  std::jthread thread_;
};

}  // namespace connector::worker
