#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "base/clock.h"

namespace connector::worker {

// What callers are told when the service stops: UNAVAILABLE with retry-after.
absl::Status Stopping();

// The outcome of a work as its caller is to see it: what was cancelled because the pool stops is
// Stopping(), since CANCELLED is for callers that went away.
absl::Status ForCaller(const absl::Status& outcome, const std::stop_token& stop);

// Threads for work that somebody waits for: calls to vendors on behalf of an RPC, whose own threads
// must not block. First come, first served; what can't begin in time is refused at once.
class InteractivePool {
 public:
  // Blocks as long as it must; once the token is requested, it ends soon.
  using Work = std::function<void(const std::stop_token& stop)>;

  struct Options {
    // Each may wait for the rate budget, so that there are more than can be served at once: 16
    // waiting searches are a little more than 3 s of Pipedrive's 10 in 2 s.
    int threads = 16;
    size_t queue = 256;  // works that wait for a thread
  };

  InteractivePool(Options options, Clock& clock) : options_(options), clock_(clock) {}
  ~InteractivePool() { Stop(); }

  void Start();

  // Between Start and Stop. Every work taken is run exactly once. RESOURCE_EXHAUSTED with
  // retry-after if the queue is full or, by what works took lately, no thread comes free before
  // `deadline`; Stopping() after Drain or Stop. Any thread.
  absl::Status Post(Time deadline, Work work);

  // Takes no more works and waits until those taken have ended, at most `most` and at least
  // `least` of that clock's time: callers whose calls are on their way still come, and are told to
  // go.
  void Drain(Duration least, Duration most, Clock& clock);

  // Asks all works to end, runs those that still wait for a thread, and waits.
  void Stop();

 private:
  void Loop(const std::stop_token& stop);
  Duration ExpectedWait() const;

  const Options options_;
  Clock& clock_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::condition_variable drained_;
  std::deque<Work> queue_;
  int idle_ = 0;
  Duration mean_{};  // of what works took, the latest counting most; 0: none has ended
  bool closed_ = false;
  bool stopped_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace connector::worker
