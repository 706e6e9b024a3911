#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace connector::edge {

// A thread for pages that may take a while, so that the listener's own stays free. Any thread.
class PageThread {
 public:
  PageThread();
  ~PageThread();
  PageThread(const PageThread&) = delete;
  PageThread& operator=(const PageThread&) = delete;

  // Has `work` done behind what waits already; false if too much waits.
  bool Post(std::function<void()> work);

  // Ends the work under way and drops what waits. Twice is harmless.
  void Stop();

 private:
  void Run();

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  bool stopping_ = false;

  std::mutex stop_mutex_;  // guards thread_
  std::thread thread_;
};

}  // namespace connector::edge
