#include "worker/scheduler.h"

#include <algorithm>
#include <utility>

namespace connector::worker {
namespace {

constexpr Duration kTick = std::chrono::minutes(1);
// A mode's last run is looked for among so many of the newest: 30 days of incremental runs.
constexpr int kRunsLookedAt = 2000;

}  // namespace

Scheduler::Scheduler(std::vector<Entry> entries, Runs& runs, Clock& clock, Random& random,
                     const Logger& log)
    : runs_(runs), clock_(clock), random_(random), log_(log), started_(clock.Now()) {
  for (Entry& entry : entries) entries_.push_back({.entry = std::move(entry)});
}

void Scheduler::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (clock_.SleepFor(kTick, stop)) Tick();
  });
}

void Scheduler::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Scheduler::Tick() {
  for (Planned& planned : entries_) {
    if (planned.entry.interval <= Duration::zero() || !IsDue(planned)) continue;
    RunOptions options;
    options.mode = planned.entry.mode;
    const auto submitted =
        runs_.Submit(planned.entry.connection, planned.entry.kind, options, /*scheduled=*/true);
    if (!submitted.ok()) {
      log_.Error("cannot schedule a run", {{"connection", planned.entry.connection},
                                           {"error", submitted.status().ToString()}});
    }
  }
}

// A full run counts for the incremental ones, too. Before the first run ever, the interval counts
// from the start of the service, so that an operator can look before anything is written.
bool Scheduler::IsDue(Planned& planned) {
  const auto runs = runs_.List(planned.entry.connection, kRunsLookedAt);
  if (!runs.ok()) return false;
  Time last = started_;
  for (const Run& run : *runs) {
    if (run.kind != planned.entry.kind || run.options.dry_run || run.options.filtered()) continue;
    if (!IsFinal(run.state)) return false;
    if (planned.entry.mode == RunMode::kFull && run.options.mode != RunMode::kFull) continue;
    last = run.finished_at.value_or(last);
    break;
  }
  if (last != planned.since) {
    planned.since = last;
    const double random = static_cast<double>(random_.Below(2001)) / 1000.0 - 1.0;
    planned.stretch = 1.0 + std::clamp(planned.entry.jitter, 0.0, 1.0) * random;
  }
  const auto wait = static_cast<double>(planned.entry.interval.count()) * planned.stretch;
  return clock_.Now() >= last + Duration(static_cast<Duration::rep>(wait));
}

}  // namespace connector::worker
