#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "metrics/registry.h"

namespace connector::metrics {

// What comes in from outside. Texts must be from closed lists or the configuration, never from
// data. Any thread.
class WebhookMetrics {
 public:
  explicit WebhookMetrics(Registry& registry);

  // `door` is "http" or "grpc"; `outcome` "accepted", "duplicate", "ignored" or "refused"; `reason`
  // says why for the last two; `connection` is "" where the sender is not known.
  void OnWebhook(std::string_view connection, std::string_view door, std::string_view outcome,
                 std::string_view reason);
  // From the arrival of an event to the end of its commit.
  void OnStored(std::string_view door, Duration took);
  // An answer of the public listener; `route` is one of its own, or "other".
  void OnPublicAnswer(std::string_view route, int status);
  // An event that was handled: `outcome` is "settled", "retried" or "failed".
  void OnHandled(std::string_view connection, std::string_view outcome, double events);

  // How long a source has brought nothing.
  struct Silence {
    std::string connection;
    std::string_view source;  // "pipedrive", "brevo"
    double seconds = 0;
  };
  // `read` is asked for every page; it may be called from any thread and must outlive the registry.
  void ReadSilenceFrom(std::function<std::vector<Silence>()> read);

 private:
  Registry& registry_;
  Counter& webhooks_;
  Histogram& stored_;
  Counter& public_answers_;
  Counter& handled_;
};

}  // namespace connector::metrics
