#pragma once

#include <functional>
#include <thread>

namespace connector::cli {

// Calls `action` once, from a thread of its own, when the user presses Ctrl-C (or SIGTERM comes); a
// second Ctrl-C ends the program. At most one object at a time; the signals are as before when it
// is gone.
class Interrupt {
 public:
  explicit Interrupt(std::function<void()> action);
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

 private:
  std::jthread watcher_;
};

}  // namespace connector::cli
