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
  // `deadline`; UNAVAILABLE after Stop. Any thread.
  absl::Status Post(Time deadline, Work work);

  // Asks all works to end, runs those that still wait for a thread, and waits.
  void Stop();

 private:
  void Loop(const std::stop_token& stop);
  Duration ExpectedWait() const;

  const Options options_;
  Clock& clock_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::deque<Work> queue_;
  int idle_ = 0;
  Duration mean_{};  // of what works took, the latest counting most; 0: none has ended
  bool stopped_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace connector::worker
