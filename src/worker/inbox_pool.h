#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "metrics/webhook_metrics.h"
#include "store/inbox.h"
#include "sync/event_handler.h"

namespace connector::worker {

// Threads that take the events of one connection out of the inbox, have them handled and commit
// what comes of it. A thread holds one batch of bounded size. An event whose handling fails is
// tried again with growing pauses; when its attempts are used up it goes to the failures. Events of
// a process that died are taken over when their lease ends.
class InboxPool {
 public:
  struct Options {
    std::string connection;
    std::string owner;  // unique to this process
    int threads = 2;
    int batch = 100;
    Duration lease = std::chrono::seconds(30);  // renewed while the handler works
    // For what is wrong with an event, about an hour; passing trouble counts only with an event
    // that is older than a day.
    int most_attempts = 20;
    // Contacts may have been marked. Must not block.
    std::function<void()> on_commit = nullptr;
  };

  // All outlive it.
  InboxPool(Options options, store::Inbox& inbox, sync::EventHandler& handler, Clock& clock,
            Random& random, const Logger& log, metrics::WebhookMetrics& metrics);
  ~InboxPool() { Stop(); }

  void Start();
  // Has the handlers give up, gives back what they had, and waits for them.
  void Stop();

  // An event was stored. Any thread; costs nothing.
  void Wake();

 private:
  void Loop(const std::stop_token& stop, const std::string& owner, bool looks_around);
  void RenewLoop(const std::stop_token& stop);
  void WaitForWork(bool looks_around);
  // True if there may be more.
  bool HandleSome(const std::stop_token& stop, const std::string& owner);
  void Finish(const std::vector<store::LeasedEvent>& events,
              const absl::StatusOr<store::IngestBatch>& handled, const std::stop_token& stop,
              const std::string& owner);
  // What is left of a batch whose outcome can't be committed: retries and failures.
  store::IngestBatch Salvage(const std::vector<store::LeasedEvent>& events,
                             const absl::Status& error, bool stopping) const;
  // Adds the end of an event that was not settled.
  void EndAttempt(const store::LeasedEvent& event, const absl::Status& error, bool stopping,
                  store::IngestBatch& batch) const;
  absl::Status Commit(const store::IngestBatch& batch, const std::string& owner,
                      const std::stop_token& stop);
  void Rest(const absl::Status& error, const std::stop_token& stop);

  const Options options_;
  store::Inbox& inbox_;
  sync::EventHandler& handler_;
  Clock& clock_;
  Random& random_;
  const Logger& log_;
  metrics::WebhookMetrics& metrics_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  int calls_ = 0;                  // threads that are to look, at most one each
  std::set<std::string> holding_;  // owners with a batch in hand
  std::string told_;
  Time told_at_{};

  std::vector<std::jthread> threads_;
};

}  // namespace connector::worker
