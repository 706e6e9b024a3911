#pragma once

// How the walks of a run overlap: those through different accounts go side by side, and within each
// the next page is fetched while the last one is folded. Pages are folded, and their cursors
// committed, in the order of the walk; at most two pages of a walk are in memory.

#include <functional>
#include <future>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sync/run_session.h"

namespace connector::sync {

// Fetches one page of a walk on a thread of its own. The owner is one thread, which has the turn.
// Destroying it waits for the fetch under way, which a stop of the session ends early.
template <typename Page>
class ReadAhead {
 public:
  explicit ReadAhead(RunSession& session) : session_(session) {}

  // Nothing is fetched for a run that is to stop. `fetch` must not touch the session: it runs
  // beside whoever has the turn.
  void Begin(std::function<absl::StatusOr<Page>()> fetch) {
    stopped_ = session_.CheckGoOn();
    if (!stopped_.ok()) return;
    page_ = std::async(std::launch::async, std::move(fetch));
  }

  // The page that was begun last, once; or why it was not begun.
  absl::StatusOr<Page> Take() {
    if (!stopped_.ok()) return stopped_;
    session_.turns().GiveWhile([this] { page_.wait(); });
    return page_.get();
  }

 private:
  RunSession& session_;
  absl::Status stopped_;
  std::future<absl::StatusOr<Page>> page_;
};

// Both walks, each on a thread of its own. When one fails the other ends with its page, and the
// first failure is returned.
absl::Status SideBySide(RunSession& session, const std::function<absl::Status()>& one,
                        const std::function<absl::Status()>& other);

}  // namespace connector::sync
