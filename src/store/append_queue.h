#pragma once

// Group commit: entries that arrive while a transaction is under way share the next one, so that
// acknowledgements are bound by the disk's syncs and not by threads.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "store/inbox.h"

namespace connector::store {

struct AppendLimits {
  // A transaction takes no more: the other writers wait for it.
  size_t batch_entries = 1'000;
  size_t batch_bytes = size_t{8} << 20;
  // Of all that wait, several seconds' worth of any disk; more are refused.
  size_t waiting_entries = 20'000;
  size_t waiting_bytes = size_t{64} << 20;
};

class AppendQueue {
 public:
  // Commits entries in one transaction and tells what became of each, or commits none.
  using Commit =
      std::function<absl::StatusOr<std::vector<Appended>>(const std::vector<InboxEntry>&)>;

  // `commit` is called on the queue's own thread, which starts with the first entry.
  explicit AppendQueue(Commit commit, AppendLimits limits = {});
  // Commits and answers what is waiting.
  ~AppendQueue();

  // Any thread; see Inbox::AppendInbox.
  void Append(InboxEntry entry, AppendDone done);

 private:
  struct Batch {
    std::vector<InboxEntry> entries;
    std::vector<AppendDone> callbacks;
  };

  absl::Status Enqueue(InboxEntry& entry, AppendDone& done);
  void Run();
  // Takes what one transaction may; blocks until there is something, empty at the end.
  Batch Next();
  void CommitBatch(const Batch& batch) const;

  const Commit commit_;
  const AppendLimits limits_;

  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::vector<Batch> waiting_;  // each within the limits of a batch
  size_t waiting_entries_ = 0;
  size_t waiting_bytes_ = 0;
  size_t last_batch_bytes_ = 0;  // of waiting_.back()
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace connector::store
