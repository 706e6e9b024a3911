#pragma once

#include <mutex>
#include <utility>

namespace connector::sync {

// Who works on a run. Walks that go side by side, each on a thread of its own, take turns: one has
// the turn, with the session, the progress and the store, and gives it away while it waits for a
// page. While nothing goes side by side, whoever works has it and this is no lock at all.
class Turns {
 public:
  using Turn = std::unique_lock<std::mutex>;

  // Begins and ends the time in which walks go side by side; called while only one thread works.
  void Share(bool shared) { shared_ = shared; }

  Turn Take() { return Turn(mutex_); }

  // What `fetch` returns; others may have the turn while it is called. The caller has it, before
  // and after.
  template <typename Fetch>
  auto GiveWhile(Fetch&& fetch) {
    if (shared_) mutex_.unlock();
    auto fetched = std::forward<Fetch>(fetch)();
    if (shared_) mutex_.lock();
    return fetched;
  }

 private:
  bool shared_ = false;
  std::mutex mutex_;
};

}  // namespace connector::sync
