#include "metrics/sync_metrics.h"

namespace connector::metrics {
namespace {

double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

enum Family : size_t { kDirty, kOldestMark, kOpenImports, kInbox, kOutbox, kOpenFailures, kRuns };

std::vector<FamilySpec> WorkSpecs() {
  return {
      {"sync_dirty_contacts", "Contacts that wait to be written", {"connection"}},
      {"sync_oldest_mark_seconds", "Age of the oldest contact that waits", {"connection"}},
      {"sync_open_imports", "Import jobs at Brevo that have not been settled", {"connection"}},
      {"sync_inbox_webhooks", "Webhooks stored and not yet worked in", {"connection"}},
      {"sync_outbox_events", "Brevo events not yet sent", {"connection"}},
      {"sync_open_failures",
       "Records that could not be written and wait for a retry",
       {"connection"}},
      {"sync_runs", "The newest 500 runs by state", {"connection", "state"}},
  };
}

}  // namespace

SyncMetrics::SyncMetrics(Registry& registry)
    : registry_(registry),
      records_(registry.AddCounter({"sync_records_total",
                                    "Records worked on, by kind of run and outcome",
                                    {"connection", "kind", "outcome"}})),
      failures_(registry.AddCounter({"sync_failures_total",
                                     "Records that could not be written, by reason",
                                     {"connection", "reason"}})),
      run_durations_(registry.AddHistogram({"sync_run_duration_seconds",
                                            "Time from the start of a run to its end",
                                            {"connection", "kind", "state"}},
                                           {1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 12 * 3600})),
      delivery_(
          registry.AddHistogram({"sync_delivery_seconds",
                                 "Time from the arrival of a change to its write on the other side",
                                 {"connection"}},
                                {0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800})),
      events_(registry.AddCounter({"sync_brevo_events_total",
                                   "Brevo events by what became of them",
                                   {"connection", "outcome"}})),
      own_writes_(registry.AddCounter({"own_writes_recognised_total",
                                       "Changes told by an account that were our own writes, by "
                                       "what they were recognised by",
                                       {"connection", "guard"}})),
      brevo_changes_(registry.AddCounter({"brevo_changes_total",
                                          "Changes told by Brevo by what became of them",
                                          {"connection", "event", "outcome"}})) {}

void SyncMetrics::OnRecords(std::string_view connection, std::string_view kind,
                            std::string_view outcome, int64_t records) {
  records_.Add({connection, kind, outcome}, static_cast<double>(records));
}

void SyncMetrics::OnFailure(std::string_view connection, std::string_view reason) {
  failures_.Add({connection, reason});
}

void SyncMetrics::OnOwnWrite(std::string_view connection, std::string_view guard) {
  own_writes_.Add({connection, guard});
}

void SyncMetrics::OnBrevoChange(std::string_view connection, std::string_view event,
                                std::string_view outcome) {
  brevo_changes_.Add({connection, event, outcome});
}

void SyncMetrics::OnRunEnded(std::string_view connection, std::string_view kind,
                             std::string_view state, Duration took) {
  run_durations_.Observe({connection, kind, state}, Seconds(took));
}

void SyncMetrics::OnChangeDelivered(std::string_view connection, Duration after) {
  delivery_.Observe({connection}, Seconds(after));
}

void SyncMetrics::OnBrevoEvent(std::string_view connection, std::string_view outcome) {
  events_.Add({connection, outcome});
}

void SyncMetrics::ReadWorkFrom(std::function<std::vector<WorkReading>()> read) {
  registry_.AddGauges(WorkSpecs(), [read = std::move(read)](GaugeSink& sink) {
    for (const WorkReading& work : read()) {
      const LabelValues labels = {work.connection};
      sink.Set(kDirty, labels, static_cast<double>(work.dirty_contacts));
      sink.Set(kOldestMark, labels, work.oldest_mark_seconds);
      sink.Set(kOpenImports, labels, static_cast<double>(work.open_imports));
      sink.Set(kInbox, labels, static_cast<double>(work.inbox));
      sink.Set(kOutbox, labels, static_cast<double>(work.outbox));
      sink.Set(kOpenFailures, labels, static_cast<double>(work.open_failures));
      for (const auto& [state, runs] : work.runs) {
        sink.Set(kRuns, {work.connection, state}, static_cast<double>(runs));
      }
    }
  });
}

}  // namespace connector::metrics
