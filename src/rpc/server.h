#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "model/service_status.h"
#include "rpc/transport_security.h"
#include "sync/records.h"
#include "sync/subscriptions.h"
#include "worker/failure_retries.h"
#include "worker/inquiries.h"
#include "worker/intake.h"
#include "worker/runs.h"
#include "worker/searches.h"
#include "worker/stages.h"

namespace connector::rpc {

// The gRPC listener: the three services of the contract, health checking and reflection.
class Server {
 public:
  struct Options {
    std::string listen = "127.0.0.1:9090";  // host:port; port 0 = any
    TransportSecurity security{};
  };

  // What the services work with; all outlives the server.
  struct Parts {
    worker::Runs& runs;
    worker::Searches& searches;
    worker::Stages& stages;
    worker::Intake& intake;
    worker::FailureRetries& retries;
    sync::Subscriptions& subscriptions;
    sync::Records& records;
    worker::InteractivePool& interactive;
    worker::Inquiries& inquiries;
    Clock& clock;
    // Any thread; reads the local store at most. Null where nobody asks.
    std::function<ServiceStatus()> status{};
  };

  virtual ~Server() = default;
  virtual int port() const = 0;

  // Answers health checks NOT_SERVING from now on; calls are still served.
  virtual void AnnounceStop() = 0;

  // Announces it, ends streams, and waits up to `deadline` of real time for
  // calls under way.
  virtual void Stop(Duration deadline) = 0;
};

// UNAVAILABLE if the address is taken or not this machine's; FAILED_PRECONDITION names a file or a
// setting of `server.grpc` that can't serve.
absl::StatusOr<std::unique_ptr<Server>> MakeServer(const Server::Options& options,
                                                   Server::Parts parts);

}  // namespace connector::rpc
