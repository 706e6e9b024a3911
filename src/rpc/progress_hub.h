#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/clock.h"
#include "model/run.h"
#include "rpc/run_messages.h"
#include "worker/runs.h"

namespace connector::rpc {

// One client's view of a run. The hub calls it from its thread only; gRPC's threads call Idle's
// counterpart through their reactor.
class ProgressWatcher {
 public:
  virtual ~ProgressWatcher() = default;

  // True if the last message has left and another may be given.
  virtual bool Idle() const = 0;
  // True once the client went away: the hub lets go of it.
  virtual bool Gone() const = 0;
  // Sends a message; with `last` the stream ends OK after it. Only when idle.
  virtual void Send(const Run& run, const Pace& pace, std::vector<PlannedChange> changes,
                    bool last) = 0;
  // Ends the stream with an error. Only when idle.
  virtual void Fail(const absl::Status& status) = 0;
};

// Reads the runs that somebody watches about once a second, whichever replica works on them, and
// tells the watchers what changed. One thread for all of them.
class ProgressHub {
 public:
  ProgressHub(worker::Runs& runs, Clock& clock);

  void Start();
  // Lets go of all watchers; each ends UNAVAILABLE, and its client watches the run elsewhere.
  void Stop();

  // Any thread. The first message follows at once.
  void Watch(std::shared_ptr<ProgressWatcher> watcher, std::string connection, std::string run_id,
             bool with_plan);

  // A watcher that was given a part of a plan can take the next. Any thread; never waits for a look
  // at the store.
  void Wake();

  // Visits every watcher once; called by the thread, and by tests.
  void Tick();

 private:
  struct Watched {
    std::shared_ptr<ProgressWatcher> watcher;
    std::string connection;
    std::string run_id;
    bool with_plan = false;
    std::optional<std::string> told;  // the last message, to keep silent while nothing changes
    int64_t plan_told = 0;
    std::optional<Time> trouble_since;             // the store can't be read
    std::deque<std::pair<Time, int64_t>> samples;  // records at times, over the last minute
  };
  void Loop(const std::stop_token& stop);
  // False if the watcher is done with.
  bool Visit(Watched& watched);
  // The same, of one whose run can't be read.
  bool Bears(Watched& watched, const absl::Status& trouble);
  Pace Measure(Watched& watched, const Run& run);

  worker::Runs& runs_;
  Clock& clock_;
  std::mutex mutex_;  // guards watched_ and stopped_
  std::vector<std::unique_ptr<Watched>> watched_;
  bool stopped_ = false;
  std::mutex wake_mutex_;  // guards woken_
  std::condition_variable wake_;
  bool woken_ = false;
  std::jthread thread_;
};

}  // namespace connector::rpc
