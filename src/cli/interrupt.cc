#include "cli/interrupt.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <utility>

namespace connector::cli {
namespace {

constexpr char kSignal = 's';
constexpr char kEnd = 'e';

// A handler may do little more than write: the watcher reads at the other end.
int pipe_ends[2] = {-1, -1};

void Write(char what) {
  // A full pipe means that the watcher has enough to read already.
  [[maybe_unused]] const ssize_t written = write(pipe_ends[1], &what, 1);
}

void OnSignal(int) {
  const int saved = errno;
  Write(kSignal);
  errno = saved;
}

void Handle(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  if (handler == OnSignal) action.sa_flags |= SA_RESETHAND;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

Interrupt::Interrupt(std::function<void()> action) {
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) return;
  watcher_ = std::jthread([action = std::move(action)] {
    char what = kEnd;
    while (read(pipe_ends[0], &what, 1) == 1 && what == kSignal) action();
  });
  Handle(OnSignal);
}

Interrupt::~Interrupt() {
  if (!watcher_.joinable()) return;
  Handle(SIG_DFL);
  Write(kEnd);
  watcher_.join();
  for (int& end : pipe_ends) close(std::exchange(end, -1));
}

}  // namespace connector::cli
