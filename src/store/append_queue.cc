#include "store/append_queue.h"

#include <utility>

namespace connector::store {
namespace {

// What an entry keeps of memory beside its texts, roughly.
constexpr size_t kOverhead = 256;

size_t SizeOf(const InboxEntry& entry) {
  return kOverhead + entry.body.size() + entry.key.size() + entry.lane.size();
}

}  // namespace

AppendQueue::AppendQueue(Commit commit, AppendLimits limits)
    : commit_(std::move(commit)), limits_(limits) {}

AppendQueue::~AppendQueue() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void AppendQueue::Append(InboxEntry entry, AppendDone done) {
  const absl::Status queued = Enqueue(entry, done);
  if (queued.ok()) {
    changed_.notify_one();
  } else {
    done(queued);
  }
}

absl::Status AppendQueue::Enqueue(InboxEntry& entry, AppendDone& done) {
  const size_t size = SizeOf(entry);
  const std::lock_guard lock(mutex_);
  if (closing_) return absl::UnavailableError("the store is closing");
  if (waiting_entries_ >= limits_.waiting_entries ||
      waiting_bytes_ + size > limits_.waiting_bytes) {
    return absl::ResourceExhaustedError(
        "too many events wait to be stored; the database's disk is too slow for them");
  }
  if (waiting_.empty() || waiting_.back().entries.size() >= limits_.batch_entries ||
      last_batch_bytes_ + size > limits_.batch_bytes) {
    waiting_.emplace_back();
    last_batch_bytes_ = 0;
  }
  waiting_.back().entries.push_back(std::move(entry));
  waiting_.back().callbacks.push_back(std::move(done));
  last_batch_bytes_ += size;
  waiting_bytes_ += size;
  ++waiting_entries_;
  if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

void AppendQueue::Run() {
  for (Batch batch = Next(); !batch.entries.empty(); batch = Next()) CommitBatch(batch);
}

AppendQueue::Batch AppendQueue::Next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
  if (waiting_.empty()) return {};
  Batch batch = std::move(waiting_.front());
  waiting_.erase(waiting_.begin());
  waiting_entries_ -= batch.entries.size();
  for (const InboxEntry& entry : batch.entries) waiting_bytes_ -= SizeOf(entry);
  return batch;
}

void AppendQueue::CommitBatch(const Batch& batch) const {
  const absl::StatusOr<std::vector<Appended>> outcome = commit_(batch.entries);
  for (size_t i = 0; i < batch.callbacks.size(); ++i) {
    if (outcome.ok()) {
      batch.callbacks[i]((*outcome)[i]);
    } else {
      batch.callbacks[i](outcome.status());
    }
  }
}

}  // namespace connector::store
