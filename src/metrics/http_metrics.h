#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "metrics/registry.h"

namespace connector::metrics {

// One attempt of a call of a vendor's API.
struct CallAttempt {
  std::string_view api;        // "pipedrive", "brevo"
  std::string_view operation;  // Operation::name
  int status = 0;              // 0: no answer
  bool sent = true;            // false: nothing left this machine
  Duration took{};
  size_t bytes_out = 0;  // of the bodies
  size_t bytes_in = 0;
};

// What happens on the road to the vendors. Texts must be from closed lists, never from data. Any
// thread.
class HttpMetrics {
 public:
  explicit HttpMetrics(Registry& registry);

  void OnAttempt(const CallAttempt& attempt);
  void OnThrottled(std::string_view api, std::string_view kind);
  void OnRetry(std::string_view api, std::string_view reason);
  void OnWaited(std::string_view api, std::string_view priority, Duration waited);
  // The budget had no room in time; `limit` is what was full.
  void OnRefused(std::string_view api, std::string_view priority, std::string_view limit);
  // 0 closed, 1 half open, 2 open.
  void OnCircuit(std::string_view api, std::string_view connection, int state);

 private:
  Counter& calls_;
  Histogram& durations_;
  Counter& bytes_out_;
  Counter& bytes_in_;
  Counter& throttled_;
  Counter& retries_;
  Histogram& waits_;
  Counter& refusals_;
  Gauge& circuit_;
};

}  // namespace connector::metrics
