#pragma once

// Callers that wait until an event is applied: one thread looks for all of them.

#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "base/clock.h"
#include "store/inbox.h"

namespace connector::worker {

class EventWaiters {
 public:
  struct Options {
    size_t most = 256;  // each is looked for up to 20 times a second
    // Of real time; a caller's own deadline ends its wait earlier, through `abandoned`.
    Duration longest = std::chrono::minutes(2);
  };
  // OK when it is applied. DEADLINE_EXCEEDED, CANCELLED (abandoned), UNAVAILABLE (stopping): the
  // event is kept all the same.
  using Done = std::function<void(absl::Status)>;

  EventWaiters(Options options, store::Inbox& inbox, Clock& clock);
  ~EventWaiters();

  // `done` is called once, on the looking thread or, where there is no room (RESOURCE_EXHAUSTED) or
  // Stop() came before, on the caller's. Any thread.
  void Add(std::string connection, std::string key, std::stop_token abandoned, Done done);

  // Ends every wait.
  void Stop();

 private:
  struct Waiter {
    std::string connection;
    std::string key;
    std::stop_token abandoned;
    Done done;
    Time until{};
    Time next_look{};
    Duration pause{};
  };

  void Run(const std::stop_token& stop);
  // Takes out of `waiting_` those that are to be looked at.
  std::list<Waiter> TakeDue();
  // What the waiter is to be told; nullopt: to wait on.
  bool Look(Waiter& waiter, absl::Status& told);
  Duration OfReal(Duration real) const;

  const Options options_;
  store::Inbox& inbox_;
  Clock& clock_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::list<Waiter> waiting_;
  size_t held_ = 0;  // waiting_ and those being looked at
  bool stopping_ = false;
  std::jthread thread_;
};

}  // namespace connector::worker
