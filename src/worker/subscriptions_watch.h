#pragma once

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "sync/subscriptions.h"
#include "worker/connections.h"
#include "worker/runs.h"

namespace connector::worker {

// Keeps the webhooks of every connection that wants some alive: makes what is missing at the start,
// and looks again every 15 minutes (10 tokens; 3 % of the smallest plan's day). What was removed,
// switched off, banned (deliveries have failed and none comes any more) or has gone silent (records
// change, and nothing is delivered) is made anew, and an incremental run reads what may have been
// missed: it goes back to where the last one ended. Brevo events of what was missed are made by
// reading what has changed since webhooks last were in order; what was told has its keys and is not
// told twice.
class SubscriptionsWatch {
 public:
  SubscriptionsWatch(sync::Subscriptions& subscriptions, const Connections& connections, Runs& runs,
                     Clock& clock, const Logger& log);

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
  // Keeps in mind until when the webhooks of a step's object were in order, or since when what they
  // missed is to be told.
  absl::Status Remember(const sync::Accounts& accounts, const sync::SubscriptionStep& step,
                        const std::set<int64_t>& failing);
  absl::Status TellMissed(const sync::Accounts& accounts, const std::string& object,
                          const http::CallContext& context);

  sync::Subscriptions& subscriptions_;
  const Connections& connections_;
  Runs& runs_;
  Clock& clock_;
  const Logger& log_;
  int failures_ = 0;  // ticks in a row in which an account could not be asked
  std::jthread thread_;
};

}  // namespace connector::worker
