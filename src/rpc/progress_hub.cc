#include "rpc/progress_hub.h"

#include <algorithm>

#include "base/strings.h"

namespace connector::rpc {
namespace {

// How often a run is read for its watchers.
constexpr Duration kInterval = std::chrono::seconds(1);
constexpr Duration kPaceWindow = std::chrono::seconds(60);
constexpr int kChangesPerMessage = 500;
// A database that restarts is back before; watchers need not hear of it.
constexpr Duration kBorne = std::chrono::seconds(30);

absl::Status Stopping() {
  return absl::UnavailableError("the service is stopping; the run goes on");
}

}  // namespace

ProgressHub::ProgressHub(worker::Runs& runs, Clock& clock) : runs_(runs), clock_(clock) {}

void ProgressHub::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Loop(stop); });
}

void ProgressHub::Stop() {
  if (!thread_.joinable()) return;
  {
    // Under the lock, so that Loop() can't miss it between its look and its wait.
    const std::lock_guard lock(wake_mutex_);
    thread_.request_stop();
  }
  wake_.notify_all();
  thread_.join();
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (const auto& watched : watched_) {
    watched->watcher->Fail(Stopping());
  }
  watched_.clear();
}

void ProgressHub::Watch(std::shared_ptr<ProgressWatcher> watcher, std::string connection,
                        std::string run_id, bool with_plan) {
  auto watched = std::make_unique<Watched>();
  watched->watcher = std::move(watcher);
  watched->connection = std::move(connection);
  watched->run_id = std::move(run_id);
  watched->with_plan = with_plan;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return watched->watcher->Fail(Stopping());
    watched_.push_back(std::move(watched));
  }
  Wake();
}

void ProgressHub::Wake() {
  {
    const std::lock_guard lock(wake_mutex_);
    woken_ = true;
  }
  wake_.notify_all();
}

void ProgressHub::Loop(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    Tick();
    std::unique_lock lock(wake_mutex_);
    if (!woken_ && !stop.stop_requested()) clock_.WaitFor(wake_, lock, kInterval);
    woken_ = false;
  }
}

void ProgressHub::Tick() {
  const std::lock_guard lock(mutex_);
  std::erase_if(watched_, [this](const auto& watched) { return !Visit(*watched); });
}

bool ProgressHub::Visit(Watched& watched) {
  if (watched.watcher->Gone()) return false;
  if (!watched.watcher->Idle()) return true;
  const absl::StatusOr<Run> run = runs_.Get(watched.connection, watched.run_id);
  if (!run.ok()) return Bears(watched, run.status());
  worker::PlanPage plan;
  if (watched.with_plan) {
    absl::StatusOr<worker::PlanPage> page =
        runs_.ReadPlan(watched.connection, watched.run_id, watched.plan_told, kChangesPerMessage);
    if (!page.ok()) return Bears(watched, page.status());
    plan = *std::move(page);
    if (!plan.changes.empty()) watched.plan_told = plan.last_sequence;
  }
  watched.trouble_since.reset();
  // A final run has no more plan to come than what a short page shows.
  const bool last =
      IsFinal(run->state) && plan.changes.size() < static_cast<size_t>(kChangesPerMessage);
  const Pace pace = Measure(watched, *run);
  const std::string now_told = ToProto(*run).SerializeAsString();
  if (!last && plan.changes.empty() && watched.told == now_told) return true;
  watched.told = now_told;
  watched.watcher->Send(*run, pace, std::move(plan.changes), last);
  return !last;
}

bool ProgressHub::Bears(Watched& watched, const absl::Status& trouble) {
  const Time now = clock_.Now();
  if (!watched.trouble_since) watched.trouble_since = now;
  if (absl::IsUnavailable(trouble) && now - *watched.trouble_since < kBorne) return true;
  watched.watcher->Fail(trouble);
  return false;
}

Pace ProgressHub::Measure(Watched& watched, const Run& run) {
  const Time now = clock_.Now();
  const bool converging = run.progress.phase >= RunPhase::kConverge;
  const int64_t finished = FinishedRecords(run.progress);
  watched.samples.emplace_back(now, run.progress.read + finished);
  while (now - watched.samples.front().first > kPaceWindow) watched.samples.pop_front();
  const auto& [since, before] = watched.samples.front();
  const double seconds = std::chrono::duration<double>(now - since).count();
  Pace pace;
  if (seconds <= 0) return pace;
  pace.records_per_second = static_cast<double>(watched.samples.back().second - before) / seconds;
  const int64_t left = run.progress.read - finished;
  if (converging && left > 0 && pace.records_per_second > 0) {
    pace.estimated_end = now + Duration(static_cast<Duration::rep>(static_cast<double>(left) /
                                                                   pace.records_per_second * 1e6));
  }
  return pace;
}

}  // namespace connector::rpc
