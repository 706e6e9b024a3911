#pragma once

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "worker/runs.h"

namespace connector::worker {

// Asks for runs that are due. When a run is due is read from the store, so that a restart neither
// forgets nor repeats one; several replicas asking at once join each other's.
class Scheduler {
 public:
  struct Entry {
    std::string connection;
    RunKind kind = RunKind::kPersons;
    RunMode mode = RunMode::kIncremental;
    Duration interval{};  // zero: never by itself
    double jitter = 0.1;  // of the interval, either way
  };

  Scheduler(std::vector<Entry> entries, Runs& runs, Clock& clock, Random& random,
            const Logger& log);

  void Start();
  void Stop();

  // Submits what is due now; called once a minute by the thread, and by tests.
  void Tick();

 private:
  struct Planned {
    Entry entry;
    double stretch = 1.0;  // this turn's jitter
    Time since{};          // the end of the run it counts from
  };
  bool IsDue(Planned& planned);

  std::vector<Planned> entries_;
  Runs& runs_;
  Clock& clock_;
  Random& random_;
  const Logger& log_;
  const Time started_;
  std::jthread thread_;
};

}  // namespace connector::worker
