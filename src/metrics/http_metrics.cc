#include "metrics/http_metrics.h"

#include <array>

namespace connector::metrics {
namespace {

double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

std::string_view Outcome(const CallAttempt& attempt) {
  static constexpr std::array<std::string_view, 5> kClasses = {"1xx", "2xx", "3xx", "4xx", "5xx"};
  if (!attempt.sent) return "not_sent";
  if (attempt.status < 100 || attempt.status > 599) return "no_answer";
  return kClasses[static_cast<size_t>(attempt.status / 100 - 1)];
}

}  // namespace

HttpMetrics::HttpMetrics(Registry& registry)
    : calls_(registry.AddCounter({"http_calls_total",
                                  "Attempts of vendor calls by operation and outcome",
                                  {"api", "operation", "outcome"}})),
      durations_(registry.AddHistogram({"http_call_duration_seconds",
                                        "Time of one attempt of a vendor call",
                                        {"api", "operation"}},
                                       {0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 10, 30})),
      bytes_out_(registry.AddCounter(
          {"http_request_bytes_total", "Bytes of the bodies sent to a vendor", {"api"}})),
      bytes_in_(registry.AddCounter({"http_response_bytes_total",
                                     "Bytes of the bodies received from a vendor, decompressed",
                                     {"api"}})),
      throttled_(registry.AddCounter({"http_throttled_total",
                                      "Calls a vendor refused because of a limit, by kind",
                                      {"api", "kind"}})),
      retries_(registry.AddCounter(
          {"http_retries_total", "Attempts made again, by reason", {"api", "reason"}})),
      waits_(registry.AddHistogram(
          {"quota_wait_seconds", "Time a call waited for the rate budget", {"api", "priority"}},
          {0.001, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300})),
      refusals_(registry.AddCounter({"quota_refusals_total",
                                     "Calls not made because the budget had no room in time",
                                     {"api", "priority", "limit"}})),
      circuit_(registry.AddGauge({"http_circuit_state",
                                  "Circuit breaker: 0 closed, 1 half open, 2 open",
                                  {"api", "connection"}})) {}

void HttpMetrics::OnAttempt(const CallAttempt& attempt) {
  calls_.Add({attempt.api, attempt.operation, Outcome(attempt)});
  if (!attempt.sent) return;
  durations_.Observe({attempt.api, attempt.operation}, Seconds(attempt.took));
  bytes_out_.Add({attempt.api}, static_cast<double>(attempt.bytes_out));
  bytes_in_.Add({attempt.api}, static_cast<double>(attempt.bytes_in));
}

void HttpMetrics::OnThrottled(std::string_view api, std::string_view kind) {
  throttled_.Add({api, kind});
}

void HttpMetrics::OnRetry(std::string_view api, std::string_view reason) {
  retries_.Add({api, reason});
}

void HttpMetrics::OnWaited(std::string_view api, std::string_view priority, Duration waited) {
  waits_.Observe({api, priority}, Seconds(waited));
}

void HttpMetrics::OnRefused(std::string_view api, std::string_view priority,
                            std::string_view limit) {
  refusals_.Add({api, priority, limit});
}

void HttpMetrics::OnCircuit(std::string_view api, std::string_view connection, int state) {
  circuit_.Set({api, connection}, state);
}

}  // namespace connector::metrics
