// The sandbox as one object: for the executable, and for tests that want it in their own process.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "gateway.h"
#include "options.h"
#include "world.h"

namespace sandbox {

class Sandbox {
 public:
  explicit Sandbox(const Options& options);  // seeds both accounts
  ~Sandbox();                                // stops
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  // Binds both listeners and serves in a thread. An error text, "" on success.
  std::string Start();
  void Stop();
  std::string ApiUrl() const;  // "http://127.0.0.1:PORT"
  std::string ReportsUrl() const;

  // Looks at or changes the state while no request is under way.
  void With(const std::function<void(World&)>& look);
  // A request without any socket: what unit tests of the rules use.
  Reply Handle(const Request& request);
  Reply HandleReports(const Request& request);

 private:
  class Network;  // keeps Boost out of this header

  World world_;
  Gateway gateway_;
  std::unique_ptr<Network> network_;
};

}  // namespace sandbox
