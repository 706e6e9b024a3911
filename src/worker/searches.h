#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "model/search.h"
#include "worker/connections.h"
#include "worker/interactive_pool.h"

namespace connector::worker {

// Searches on behalf of callers that wait. Equal searches at one time are one flight: one call to
// Pipedrive, whose answer all of them get. Any thread.
class Searches {
 public:
  // Called once, from any thread and perhaps before Ask returns; not any more after Leave, but for
  // a call that is just being made. Errors are Pipedrive's (see pipedrive::Client), CANCELLED
  // never; RESOURCE_EXHAUSTED carries when to ask again.
  using Done = std::function<void(const absl::StatusOr<SearchPage>& found)>;

  class Flight;
  // One caller's part in a flight; held by the caller as long as it may leave.
  struct Ticket {
    std::weak_ptr<Flight> flight;
    uint64_t number = 0;
  };

  Searches(const Connections& connections, InteractivePool& pool, Clock& clock)
      : connections_(connections), pool_(pool), clock_(clock) {}

  // Asks for a normalized query that CheckSearch() finds good. `connection` is the name of one that
  // exists.
  Ticket Ask(std::string_view connection, const SearchQuery& query, Time deadline, Done done);

  // The caller went away. The last one to leave ends the flight.
  void Leave(const Ticket& ticket);

 private:
  struct Caller {
    Time deadline;
    Done done;
  };
  using Callers = std::map<uint64_t, Caller>;

  void Run(const std::shared_ptr<Flight>& flight, const std::stop_token& stop);
  Callers Land(const std::shared_ptr<Flight>& flight, const absl::Status& outcome, bool stopping);
  void OnWait(Flight& flight, Time until);
  void Retire(Flight& flight);

  const Connections& connections_;
  InteractivePool& pool_;
  Clock& clock_;
  std::mutex mutex_;  // guards what follows, and every flight
  std::map<std::string, std::shared_ptr<Flight>, std::less<>> flights_;
  uint64_t last_number_ = 0;
};

}  // namespace connector::worker
