#include "worker/live_converger.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace connector::worker {
namespace {

// Marks that other replicas made, and retries that became due, are found this late at most.
constexpr Duration kLookAround = std::chrono::seconds(1);
// Contacts that a prompt thread takes at once: few, since the others wait for them.
constexpr int kPromptBatch = 4;
// A bulk change arrives record by record; it is let gather this long, but no longer.
constexpr Duration kGather = std::chrono::seconds(5);
// Each import is asked for several times, and Brevo allows 100 such questions an hour.
constexpr Duration kBetweenDrains = std::chrono::seconds(15);
// After an error; a vendor's own word is kept if it is longer.
constexpr Duration kShortestRest = std::chrono::seconds(1);
constexpr Duration kLongestRest = std::chrono::minutes(1);
constexpr Duration kTellAgainAfter = std::chrono::minutes(10);

}  // namespace

LiveConverger::LiveConverger(Options options, const sync::Accounts& accounts,
                             sync::PlanningCache& plannings)
    : options_(std::move(options)), accounts_(accounts), plannings_(plannings) {}

void LiveConverger::Start() {
  for (int i = 0; i < options_.prompt_threads; ++i) {
    threads_.emplace_back([this, owner = absl::StrCat(options_.owner, "/prompt", i)](
                              const std::stop_token& stop) { PromptLoop(stop, owner); });
  }
  threads_.emplace_back([this](const std::stop_token& stop) { BulkLoop(stop); });
}

void LiveConverger::Stop() {
  for (std::jthread& thread : threads_) thread.request_stop();
  {
    const std::lock_guard lock(mutex_);
    calls_ = options_.prompt_threads;
  }
  wake_.notify_all();
  threads_.clear();
}

void LiveConverger::Wake() {
  {
    const std::lock_guard lock(mutex_);
    calls_ = std::min(calls_ + 1, options_.prompt_threads);
  }
  wake_.notify_one();
}

void LiveConverger::PromptLoop(const std::stop_token& stop, const std::string& owner) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      if (calls_ == 0) {
        accounts_.clock.WaitFor(wake_, lock, kLongestRest);
        if (calls_ == 0) continue;
      }
      --calls_;
    }
    for (bool more = true; more && !stop.stop_requested();) {
      const absl::StatusOr<bool> wrote = WriteSome(stop, owner);
      if (!wrote.ok()) Rest(wrote.status(), stop);
      more = wrote.ok() && *wrote;
    }
  }
}

absl::StatusOr<bool> LiveConverger::WriteSome(const std::stop_token& stop,
                                              const std::string& owner) {
  const http::CallContext context{.priority = quota::Priority::kWebhook, .stop = stop};
  CONNECTOR_ASSIGN_OR_RETURN(const auto planning, plannings_.Get(context));
  sync::Converge converge(accounts_, *planning,
                          {.store = accounts_.store,
                           .owner = owner,
                           .urgency = store::Urgency::kPrompt,
                           .brevo = context,
                           .pipedrive = context});
  CONNECTOR_ASSIGN_OR_RETURN(const int64_t found, converge.WriteSome(kPromptBatch));
  if (found > 0 && options_.on_written) options_.on_written();
  return found == kPromptBatch;
}

void LiveConverger::BulkLoop(const std::stop_token& stop) {
  const absl::Status resumed = Resume(stop);
  if (!resumed.ok()) Rest(resumed, stop);
  while (accounts_.clock.SleepFor(kLookAround, stop)) {
    const absl::Status looked = LookAround(stop);
    if (!looked.ok()) Rest(looked, stop);
  }
}

// Imports that an earlier process left open; their contacts are in no queue until they are settled.
absl::Status LiveConverger::Resume(const std::stop_token& stop) {
  CONNECTOR_ASSIGN_OR_RETURN(const auto jobs,
                             accounts_.store.OpenImports(accounts_.settings.connection));
  const bool ours = std::any_of(jobs.begin(), jobs.end(),
                                [](const store::ImportJob& job) { return job.run_id.empty(); });
  return ours ? Drain(store::Urgency::kBulk, stop) : absl::OkStatus();
}

absl::Status LiveConverger::LookAround(const std::stop_token& stop) {
  const Time now = accounts_.clock.Now();
  CONNECTOR_ASSIGN_OR_RETURN(const store::LiveMarks marks,
                             accounts_.store.CountLiveMarks(accounts_.settings.connection, now));
  const int64_t calls =
      std::min<int64_t>((marks.prompt + kPromptBatch - 1) / kPromptBatch, options_.prompt_threads);
  for (int64_t i = 0; i < calls; ++i) Wake();

  const int threshold = accounts_.settings.import_threshold;
  if (now - drained_at_ < kBetweenDrains) return absl::OkStatus();
  if (marks.bulk > 0 && now - marks.oldest_bulk.value_or(now) >= kGather) {
    return Drain(store::Urgency::kBulk, stop);
  }
  // More than single writes get done before the next look.
  return marks.prompt > threshold ? Drain(store::Urgency::kPrompt, stop) : absl::OkStatus();
}

absl::Status LiveConverger::Drain(store::Urgency urgency, const std::stop_token& stop) {
  const http::CallContext context{.priority = quota::Priority::kIncremental, .stop = stop};
  CONNECTOR_ASSIGN_OR_RETURN(const auto planning, plannings_.Get(context));
  sync::Converge converge(accounts_, *planning,
                          {.store = accounts_.store,
                           .owner = absl::StrCat(options_.owner, "/bulk"),
                           .urgency = urgency,
                           .brevo = context,
                           .pipedrive = context});
  absl::Status drained = converge.Drain();
  drained_at_ = accounts_.clock.Now();
  if (options_.on_written) options_.on_written();
  return drained;
}

// The threads meet the same trouble again and again; it is told when it is new.
bool LiveConverger::IsNews(const absl::Status& error) {
  const std::lock_guard lock(mutex_);
  const Time now = accounts_.clock.Now();
  if (error == told_ && now - told_at_ < kTellAgainAfter) return false;
  told_ = error;
  told_at_ = now;
  return true;
}

void LiveConverger::Rest(const absl::Status& error, const std::stop_token& stop) {
  if (stop.stop_requested()) return;
  const Duration rest =
      std::clamp(RetryAfterOf(error).value_or(kShortestRest), kShortestRest, kLongestRest);
  if (IsNews(error)) {
    accounts_.log.Warning(
        "contacts wait to be written",
        {{"connection", accounts_.settings.connection}, {"error", error.ToString()}});
  }
  accounts_.clock.SleepFor(rest, stop);
}

}  // namespace connector::worker
