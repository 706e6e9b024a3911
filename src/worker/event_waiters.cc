#include "worker/event_waiters.h"

#include <algorithm>
#include <utility>

namespace connector::worker {
namespace {

// Of real time. A change is in Brevo after some hundred milliseconds at best; looks become rarer.
constexpr Duration kFirstPause = std::chrono::milliseconds(10);
constexpr Duration kLongestPause = std::chrono::milliseconds(250);

absl::Status Stopping() {
  return absl::UnavailableError(
      "the service is stopping; the event is stored and will be applied after its start");
}

}  // namespace

EventWaiters::EventWaiters(Options options, store::Inbox& inbox, Clock& clock)
    : options_(options), inbox_(inbox), clock_(clock) {}

EventWaiters::~EventWaiters() { Stop(); }

Duration EventWaiters::OfReal(Duration real) const {
  const Duration back = clock_.ToReal(real);
  return back > Duration::zero() ? Duration(real.count() * real.count() / back.count()) : real;
}

void EventWaiters::Add(std::string connection, std::string key, std::stop_token abandoned,
                       Done done) {
  absl::Status refused;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      refused = Stopping();
    } else if (held_ >= options_.most) {
      refused = absl::ResourceExhaustedError(
          "too many callers wait for events; this one is stored and will be applied");
    } else {
      const Time now = clock_.Now();
      waiting_.push_back({std::move(connection), std::move(key), std::move(abandoned),
                          std::move(done), now + OfReal(options_.longest), now,
                          OfReal(kFirstPause)});
      ++held_;
      if (!thread_.joinable()) {
        thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
      }
    }
  }
  if (!refused.ok()) return done(refused);
  changed_.notify_one();
}

void EventWaiters::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  thread_.request_stop();
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

std::list<EventWaiters::Waiter> EventWaiters::TakeDue() {
  const std::lock_guard lock(mutex_);
  const Time now = clock_.Now();
  std::list<Waiter> due;
  for (auto waiter = waiting_.begin(); waiter != waiting_.end();) {
    const auto next = std::next(waiter);
    if (stopping_ || waiter->next_look <= now || waiter->abandoned.stop_requested()) {
      due.splice(due.end(), waiting_, waiter);
    }
    waiter = next;
  }
  return due;
}

bool EventWaiters::Look(Waiter& waiter, absl::Status& told) {
  told = absl::OkStatus();
  if (waiter.abandoned.stop_requested()) {
    told = absl::CancelledError("the caller went away; the event is stored and will be applied");
    return true;
  }
  // A store that can't be read just now is looked at again.
  const absl::StatusOr<store::EventState> state =
      inbox_.GetEventState(waiter.connection, waiter.key);
  if (state.ok() && *state == store::EventState::kApplied) return true;
  const Time now = clock_.Now();
  if (now >= waiter.until) {
    told = absl::DeadlineExceededError("not applied in time; the event is stored and will be");
    return true;
  }
  waiter.next_look = now + waiter.pause;
  waiter.pause = std::min(waiter.pause * 2, OfReal(kLongestPause));
  return false;
}

void EventWaiters::Run(const std::stop_token& stop) {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (waiting_.empty() && !stopping_) {
        changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      } else if (!stopping_) {
        clock_.WaitFor(changed_, lock, OfReal(kFirstPause));
      }
    }
    std::list<Waiter> due = TakeDue();
    for (auto waiter = due.begin(); waiter != due.end();) {
      absl::Status told = Stopping();
      if (!stop.stop_requested() && !Look(*waiter, told)) {
        ++waiter;
        continue;
      }
      waiter->done(told);
      waiter = due.erase(waiter);
      const std::lock_guard lock(mutex_);
      --held_;
    }
    const std::lock_guard lock(mutex_);
    waiting_.splice(waiting_.end(), due);
    if (stopping_ && waiting_.empty()) return;
  }
}

}  // namespace connector::worker
