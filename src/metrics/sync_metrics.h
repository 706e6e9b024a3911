#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "metrics/registry.h"

namespace connector::metrics {

// How the durable work of one connection stands.
struct WorkReading {
  std::string connection;
  int64_t dirty_contacts = 0;
  double oldest_mark_seconds = 0;  // age of the oldest dirty mark; 0 if there is none
  int64_t open_imports = 0;        // jobs at Brevo that are not settled
  int64_t inbox = 0;               // webhooks stored and not yet folded in
  int64_t outbox = 0;              // Brevo events not yet sent
  int64_t open_failures = 0;
  std::vector<std::pair<std::string_view, int64_t>> runs;  // by state
};

// What the synchronisation does. Texts must be from closed lists, never from data. Any thread.
class SyncMetrics {
 public:
  explicit SyncMetrics(Registry& registry);

  // `kind` is the run's ("full", "incremental", "webhook"); `outcome` is what became of the record
  // ("created", "updated", "unchanged", "skipped", "failed").
  void OnRecords(std::string_view connection, std::string_view kind, std::string_view outcome,
                 int64_t records = 1);
  void OnFailure(std::string_view connection, std::string_view reason);
  void OnRunEnded(std::string_view connection, std::string_view kind, std::string_view state,
                  Duration took);
  // From the arrival of a webhook to the moment its change was written to the other side.
  void OnChangeDelivered(std::string_view connection, Duration after);

  // What became of a Brevo event: "sent", "refused", "ambiguous" (it may have arrived), "found" (it
  // had), "sent_again" (looked for and not found).
  void OnBrevoEvent(std::string_view connection, std::string_view outcome);

  // A change that the other side told and that was this service's own write: `guard` tells by what
  // it was recognised, "merge_base", "api_key_name" (Brevo) or "user_and_change_source"
  // (Pipedrive).
  void OnOwnWrite(std::string_view connection, std::string_view guard);
  // What became of a change that Brevo told: `event` as BrevoChangeName; `outcome` "taken",
  // "known", "own_write", "looked_up", "stale", "not_mapped", "unbound", "deleted".
  void OnBrevoChange(std::string_view connection, std::string_view event, std::string_view outcome);

  // `read` is asked for every page; it may be called from any thread and must outlive the registry.
  void ReadWorkFrom(std::function<std::vector<WorkReading>()> read);

 private:
  Registry& registry_;
  Counter& records_;
  Counter& failures_;
  Histogram& run_durations_;
  Histogram& delivery_;
  Counter& events_;
  Counter& own_writes_;
  Counter& brevo_changes_;
};

}  // namespace connector::metrics
