#include "metrics/webhook_metrics.h"

#include <string>
#include <utility>

namespace connector::metrics {

WebhookMetrics::WebhookMetrics(Registry& registry)
    : registry_(registry),
      webhooks_(registry.AddCounter({"webhooks_total",
                                     "Webhooks and topic messages by what became of them",
                                     {"connection", "door", "outcome", "reason"}})),
      stored_(registry.AddHistogram({"webhook_store_seconds",
                                     "Time from the arrival of an event to the end of its commit",
                                     {"door"}},
                                    {0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 10})),
      public_answers_(registry.AddCounter({"public_answers_total",
                                           "Answers of the public listener by route and status",
                                           {"route", "status"}})),
      handled_(registry.AddCounter({"inbox_events_total",
                                    "Events taken from the inbox by what became of them",
                                    {"connection", "outcome"}})) {}

void WebhookMetrics::OnWebhook(std::string_view connection, std::string_view door,
                               std::string_view outcome, std::string_view reason) {
  webhooks_.Add({connection, door, outcome, reason});
}

void WebhookMetrics::OnStored(std::string_view door, Duration took) {
  stored_.Observe({door}, std::chrono::duration<double>(took).count());
}

void WebhookMetrics::OnPublicAnswer(std::string_view route, int status) {
  public_answers_.Add({route, std::to_string(status)});
}

void WebhookMetrics::OnHandled(std::string_view connection, std::string_view outcome,
                               double events) {
  if (events > 0) handled_.Add({connection, outcome}, events);
}

void WebhookMetrics::ReadSilenceFrom(std::function<std::vector<Silence>()> read) {
  registry_.AddGauges({{"webhook_silence_seconds",
                        "Time since the source last brought a webhook, or since the start",
                        {"connection", "source"}}},
                      [read = std::move(read)](GaugeSink& sink) {
                        for (const Silence& silence : read()) {
                          sink.Set(0, {silence.connection, silence.source}, silence.seconds);
                        }
                      });
}

}  // namespace connector::metrics
