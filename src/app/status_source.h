#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/road.h"
#include "base/clock.h"
#include "edge/admin.h"
#include "model/service_status.h"
#include "worker/intake.h"
#include "worker/runs.h"
#include "worker/status_history.h"

namespace connector::app {

// Gathers how the service is, for the status page, GetStatus and the history of the last hour. Any
// thread; reads the local store and calls nobody.
class StatusSource {
 public:
  struct Parts {
    worker::Runs& runs;
    const worker::Intake& intake;
    const Clock& clock;
    std::function<edge::Readiness()> readiness;
  };

  // The parts and the roads outlive it. Started now.
  explicit StatusSource(Parts parts) : parts_(std::move(parts)), started_at_(parts_.clock.Now()) {}

  // Before the first Read().
  void Add(std::string connection, Road& road) {
    accounts_.push_back({std::move(connection), road});
  }

  ServiceStatus Read() const;
  // Headroom by "connection/api/limit", depths by "connection/queue/name".
  std::vector<worker::StatusHistory::Sample> Sample() const;
  // Since the source last brought a webhook, or since the start if it has not brought one.
  double SilenceSeconds(std::string_view connection, store::EventSource source) const;

 private:
  struct Account {
    std::string connection;
    Road& road;
  };

  ConnectionStatus ReadConnection(const Account& account) const;
  void ReadRuns(ConnectionStatus& status) const;

  const Parts parts_;
  const Time started_at_;
  std::vector<Account> accounts_;
};

}  // namespace connector::app
