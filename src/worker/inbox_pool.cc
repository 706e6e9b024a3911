#include "worker/inbox_pool.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "quota/backoff.h"

namespace connector::worker {
namespace {

// Events that another replica stored, and retries that became due, are found this late at most.
constexpr Duration kLookAround = std::chrono::seconds(1);
// The other threads wait to be called.
constexpr Duration kLongestWait = std::chrono::minutes(1);
constexpr quota::BackoffPolicy kBackoff{.initial = std::chrono::seconds(1),
                                        .max = std::chrono::minutes(5)};
constexpr Duration kPassingTroubleUntil = std::chrono::hours(24);
constexpr Duration kShortestRest = std::chrono::seconds(1);
constexpr Duration kLongestRest = std::chrono::minutes(1);
constexpr Duration kTellAgainAfter = std::chrono::minutes(10);
// A commit that fails because the disk is full or the file locked.
constexpr int kCommitAttempts = 5;

// Trouble of an account or of this machine, not of the event.
bool IsPassing(const absl::Status& error) {
  switch (ReactionOf(error)) {
    case Reaction::kRetry:
    case Reaction::kPauseAccount:
    case Reaction::kAmbiguous:
      return true;
    default:
      return absl::IsUnavailable(error) || absl::IsResourceExhausted(error) ||
             absl::IsDeadlineExceeded(error) || absl::IsAborted(error) || absl::IsCancelled(error);
  }
}

FailureReason ReasonOf(const absl::Status& error) {
  return absl::IsInvalidArgument(error) || absl::IsDataLoss(error) ? FailureReason::kMalformedRecord
                                                                   : FailureReason::kInternal;
}

Failure FailureOf(const store::LeasedEvent& event, const absl::Status& error, Time now) {
  const std::string& lane = event.entry.lane;
  const size_t slash = lane.find('/');
  Failure failure;
  failure.entity = lane.substr(0, slash);
  failure.entity_id = slash == std::string::npos ? "" : lane.substr(slash + 1);
  failure.reason = ReasonOf(error);
  failure.detail = absl::StrCat("an event of it could not be applied in ", event.attempts,
                                " attempts: ", error.message());
  failure.created_at = now;
  return failure;
}

}  // namespace

InboxPool::InboxPool(Options options, store::Inbox& inbox, sync::EventHandler& handler,
                     Clock& clock, Random& random, const Logger& log,
                     metrics::WebhookMetrics& metrics)
    : options_(std::move(options)),
      inbox_(inbox),
      handler_(handler),
      clock_(clock),
      random_(random),
      log_(log),
      metrics_(metrics) {}

void InboxPool::Start() {
  for (int i = 0; i < options_.threads; ++i) {
    threads_.emplace_back(
        [this, owner = absl::StrCat(options_.owner, "/inbox", i),
         looks_around = i == 0](const std::stop_token& stop) { Loop(stop, owner, looks_around); });
  }
  threads_.emplace_back([this](const std::stop_token& stop) { RenewLoop(stop); });
}

void InboxPool::Stop() {
  for (std::jthread& thread : threads_) thread.request_stop();
  {
    const std::lock_guard lock(mutex_);
    calls_ = options_.threads;
  }
  wake_.notify_all();
  threads_.clear();
}

void InboxPool::Wake() {
  {
    const std::lock_guard lock(mutex_);
    calls_ = std::min(calls_ + 1, options_.threads);
  }
  wake_.notify_one();
}

void InboxPool::WaitForWork(bool looks_around) {
  std::unique_lock lock(mutex_);
  if (calls_ == 0) clock_.WaitFor(wake_, lock, looks_around ? kLookAround : kLongestWait);
  if (calls_ > 0) --calls_;
}

void InboxPool::Loop(const std::stop_token& stop, const std::string& owner, bool looks_around) {
  while (!stop.stop_requested()) {
    while (!stop.stop_requested() && HandleSome(stop, owner)) {
    }
    if (!stop.stop_requested()) WaitForWork(looks_around);
  }
}

void InboxPool::RenewLoop(const std::stop_token& stop) {
  while (clock_.SleepFor(options_.lease / 3, stop)) {
    std::set<std::string> owners;
    {
      const std::lock_guard lock(mutex_);
      owners = holding_;
    }
    for (const std::string& owner : owners) {
      // One that fails is made good by the next; a lost lease is noticed at the commit.
      inbox_.RenewInbox(options_.connection, owner, clock_.Now() + options_.lease).IgnoreError();
    }
  }
}

bool InboxPool::HandleSome(const std::stop_token& stop, const std::string& owner) {
  const auto leased =
      inbox_.LeaseInbox(options_.connection, owner, clock_.Now(), options_.lease, options_.batch);
  if (!leased.ok()) {
    Rest(leased.status(), stop);
    return false;
  }
  if (leased->empty()) return false;
  {
    const std::lock_guard lock(mutex_);
    holding_.insert(owner);
  }
  const bool full = leased->size() >= static_cast<size_t>(options_.batch);
  if (full) Wake();  // somebody else may take what is left
  const http::CallContext context{.priority = quota::Priority::kWebhook, .stop = stop};
  Finish(*leased, handler_.Handle(*leased, context), stop, owner);
  const std::lock_guard lock(mutex_);
  holding_.erase(owner);
  return true;
}

void InboxPool::EndAttempt(const store::LeasedEvent& event, const absl::Status& error,
                           bool stopping, store::IngestBatch& batch) const {
  const Time now = clock_.Now();
  if (stopping) {
    batch.retries.push_back({event.id, now, /*counts=*/false});
    return;
  }
  const bool passing = IsPassing(error) && now - event.entry.received_at < kPassingTroubleUntil;
  if (!passing && event.attempts >= options_.most_attempts) {
    batch.failures.push_back(FailureOf(event, error, now));
    batch.settled.push_back({event.id, {}});
    return;
  }
  const Duration pause =
      quota::BackoffDelay(kBackoff, event.attempts, RetryAfterOf(error), random_);
  // An account that stands still is nothing that an event can wear out.
  const bool counts = ReactionOf(error) != Reaction::kPauseAccount;
  batch.retries.push_back({event.id, now + pause, counts});
}

store::IngestBatch InboxPool::Salvage(const std::vector<store::LeasedEvent>& events,
                                      const absl::Status& error, bool stopping) const {
  store::IngestBatch batch;
  for (const store::LeasedEvent& event : events) EndAttempt(event, error, stopping, batch);
  return batch;
}

void InboxPool::Finish(const std::vector<store::LeasedEvent>& events,
                       const absl::StatusOr<store::IngestBatch>& handled,
                       const std::stop_token& stop, const std::string& owner) {
  absl::Status error = handled.status();
  if (handled.ok()) {
    store::IngestBatch batch = *handled;
    absl::flat_hash_set<int64_t> ended;
    absl::flat_hash_map<int64_t, absl::Status> errors;
    for (const store::SettledEvent& event : batch.settled) ended.insert(event.id);
    for (const store::EventRetry& retry : batch.retries) ended.insert(retry.id);
    for (const store::UnhandledEvent& event : batch.unhandled)
      errors.emplace(event.id, event.error);
    const absl::Status left = absl::InternalError("its record could not be read or written");
    for (const store::LeasedEvent& event : events) {
      if (ended.contains(event.id)) continue;
      const auto known = errors.find(event.id);
      EndAttempt(event, known == errors.end() ? left : known->second, stop.stop_requested(), batch);
    }
    error = Commit(batch, owner, stop);
    if (error.ok()) {
      if (!errors.empty()) Rest(errors.begin()->second, stop);
      return;
    }
  }
  if (absl::IsFailedPrecondition(error) && handled.ok()) return;  // somebody else has them
  const absl::Status salvaged = Commit(Salvage(events, error, stop.stop_requested()), owner, stop);
  if (!salvaged.ok()) {
    log_.Warning("events stay leased until their lease ends",
                 {{"connection", options_.connection}, {"error", salvaged.ToString()}});
  }
  Rest(error, stop);
}

absl::Status InboxPool::Commit(const store::IngestBatch& batch, const std::string& owner,
                               const std::stop_token& stop) {
  absl::Status committed;
  for (int attempt = 0; attempt < kCommitAttempts; ++attempt) {
    committed = inbox_.FinishIngest(options_.connection, owner, batch).status();
    const bool again = absl::IsUnavailable(committed) || absl::IsResourceExhausted(committed);
    if (!again || stop.stop_requested()) break;
    Rest(committed, stop);
  }
  if (!committed.ok()) return committed;
  if (options_.on_commit) options_.on_commit();
  const auto failed = static_cast<double>(batch.failures.size());
  metrics_.OnHandled(options_.connection, "settled", static_cast<double>(batch.settled.size()));
  metrics_.OnHandled(options_.connection, "retried", static_cast<double>(batch.retries.size()));
  metrics_.OnHandled(options_.connection, "failed", failed);
  return committed;
}

// The threads meet the same trouble again and again; it is told when it is new.
void InboxPool::Rest(const absl::Status& error, const std::stop_token& stop) {
  if (stop.stop_requested()) return;
  const Time now = clock_.Now();
  const std::string text = error.ToString();
  bool news = false;
  {
    const std::lock_guard lock(mutex_);
    news = text != told_ || now - told_at_ >= kTellAgainAfter;
    if (news) {
      told_ = text;
      told_at_ = now;
    }
  }
  if (news) {
    log_.Warning("events wait to be handled",
                 {{"connection", options_.connection}, {"error", text}});
  }
  const Duration rest =
      std::clamp(RetryAfterOf(error).value_or(kShortestRest), kShortestRest, kLongestRest);
  clock_.SleepFor(rest, stop);
}

}  // namespace connector::worker
