#pragma once

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "sync/subscriptions.h"
#include "worker/runs.h"

namespace connector::worker {

// Keeps the webhooks of every connection that wants some alive: makes what is missing at the start,
// and looks again every 15 minutes (10 tokens; 3 % of the smallest plan's day). What was removed,
// switched off, banned (deliveries have failed and none comes any more) or has gone silent (records
// change, and nothing is delivered) is made anew, and an incremental run reads what may have been
// missed: it goes back to where the last one ended.
class SubscriptionsWatch {
 public:
  SubscriptionsWatch(sync::Subscriptions& subscriptions, Runs& runs, Clock& clock,
                     const Logger& log);

  void Start();
  void Stop();

  // Looks once at every connection; called by the thread, and by tests. Returns after how long it
  // wants to look again: sooner if an account could not be asked.
  Duration Tick(const std::stop_token& stop);

 private:
  absl::Status Look(const std::string& connection, const std::stop_token& stop);
  sync::Faults FindFaults(const std::string& connection,
                          const std::vector<sync::Subscription>& existing);
  // When an incremental run last wrote something, which webhooks should have announced.
  std::optional<Time> LastWritingRun(const std::string& connection);
  void FillGap(const std::string& connection);

  sync::Subscriptions& subscriptions_;
  Runs& runs_;
  Clock& clock_;
  const Logger& log_;
  int failures_ = 0;  // ticks in a row in which an account could not be asked
  std::jthread thread_;
};

}  // namespace connector::worker
