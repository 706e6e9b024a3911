#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "sync/accounts.h"
#include "sync/converge.h"
#include "sync/planning_cache.h"

namespace connector::worker {

// Converges the contacts of one connection that events marked, all the time and without a run.
// Prompt ones are written singly by several threads. Bulk ones, and prompt ones that have become
// too many for single writes, go through the same Drain as a run's: by import when that is cheaper.
class LiveConverger {
 public:
  struct Options {
    std::string owner;       // unique to this process
    int prompt_threads = 4;  // each has at most one write under way
    // Called after contacts were written; must not block.
    std::function<void()> on_written{};
  };

  // The accounts and the log outlive it.
  LiveConverger(Options options, const sync::Accounts& accounts, sync::PlanningCache& plannings);

  void Start();
  // Waits until the writes under way are done; contacts not written stay marked.
  void Stop();

  // Contacts may have been marked. Any thread; costs nothing.
  void Wake();

 private:
  void PromptLoop(const std::stop_token& stop, const std::string& owner);
  void BulkLoop(const std::stop_token& stop);
  // True if there may be more.
  absl::StatusOr<bool> WriteSome(const std::stop_token& stop, const std::string& owner);
  absl::Status Resume(const std::stop_token& stop);
  absl::Status LookAround(const std::stop_token& stop);
  absl::Status Drain(store::Urgency urgency, const std::stop_token& stop);
  void Rest(const absl::Status& error, const std::stop_token& stop);
  bool IsNews(const absl::Status& error);

  const Options options_;
  const sync::Accounts& accounts_;
  sync::PlanningCache& plannings_;

  std::mutex mutex_;  // guards calls_ and what was told
  std::condition_variable wake_;
  int calls_ = 0;  // prompt threads that are to look, at most one a thread
  absl::Status told_;
  Time told_at_{};

  Time drained_at_{};  // the bulk thread's
  std::vector<std::jthread> threads_;
};

}  // namespace connector::worker
