#pragma once

#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "store/store.h"
#include "sync/run_session.h"
#include "worker/connections.h"
#include "worker/runs.h"

namespace connector::worker {

// Threads that lease runs and execute them, each with a heartbeat beside it. A run whose runner
// dies is taken over when its lease ends; one that is stopped with the process is given back and
// goes on at once elsewhere or at the next start.
class Runner {
 public:
  struct Options {
    std::string owner;  // unique to this process
    int threads = 2;
    Duration lease = std::chrono::seconds(60);
  };

  Runner(Options options, store::Store& store, const Connections& connections, Runs& runs,
         Clock& clock, const Logger& log);

  void Start();
  // Asks every run to stop at the next page and waits until they are given back.
  void Stop();

 private:
  void Loop(const std::stop_token& stop, const std::string& owner);
  void Execute(Run run, const std::string& owner, const std::stop_token& stop);
  void Finish(sync::RunSession& session, const absl::Status& outcome);

  const Options options_;
  store::Store& store_;
  const Connections& connections_;
  Runs& runs_;
  Clock& clock_;
  const Logger& log_;
  std::vector<std::jthread> threads_;
};

}  // namespace connector::worker
