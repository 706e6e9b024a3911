#include "worker/searches.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"

namespace connector::worker {
namespace {

// Callers that one flight serves; more are sent away for a moment.
constexpr size_t kMostCallers = 1000;

absl::Status NotInTime(Duration wait) {
  return WithRetryAfter(
      WithReaction(absl::ResourceExhaustedError(
                       "an equal search is under way, but waits for longer than this deadline"),
                   Reaction::kRetry),
      wait);
}

absl::Status Crowded() {
  return WithRetryAfter(
      WithReaction(absl::ResourceExhaustedError("too many callers wait for this search"),
                   Reaction::kRetry),
      std::chrono::seconds(1));
}

// Whether a flight ended because its own time was short, so that it is worth another try for those
// who have more: nothing could be had before `again`.
bool IsForWantOfTime(const absl::Status& outcome, Time again, Time deadline) {
  return again >= deadline && (absl::IsResourceExhausted(outcome) ||
                               absl::IsDeadlineExceeded(outcome) || absl::IsUnavailable(outcome));
}

}  // namespace

class Searches::Flight : public http::WaitObserver {
 public:
  Flight(Searches& searches, std::string of, const sync::Accounts& at, SearchQuery what, Time until)
      : key(std::move(of)),
        accounts(at),
        query(std::move(what)),
        deadline(until),
        searches_(searches) {}

  void OnWait(Time until) override { searches_.OnWait(*this, until); }

  const std::string key;
  const sync::Accounts& accounts;
  const SearchQuery query;
  // Of the caller that began it; others may have earlier or later ones.
  Time deadline;
  std::stop_source stop;
  Time not_before{};  // nothing is sent earlier
  Callers callers;

 private:
  Searches& searches_;
};

Searches::Ticket Searches::Ask(std::string_view connection, const SearchQuery& query, Time deadline,
                               Done done) {
  std::string key = absl::StrCat(ToAbsl(connection), "\n", query.cursor, "\n", SearchKey(query));
  absl::Status refusal;
  Ticket ticket;
  {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<Flight>& flight = flights_[key];
    const bool is_new = flight == nullptr;
    if (is_new) {
      flight =
          std::make_shared<Flight>(*this, key, *connections_.Find(connection), query, deadline);
      refusal =
          pool_.Post(deadline, [this, flight](const std::stop_token& stop) { Run(flight, stop); });
    } else if (flight->not_before >= deadline) {
      refusal = NotInTime(flight->not_before - clock_.Now());
    } else if (flight->callers.size() >= kMostCallers) {
      refusal = Crowded();
    }
    if (refusal.ok()) {
      ticket = {flight, ++last_number_};
      flight->callers.emplace(ticket.number, Caller{deadline, std::move(done)});
    } else if (is_new) {
      flights_.erase(key);
    }
  }
  if (!refusal.ok()) done(refusal);
  return ticket;
}

void Searches::Leave(const Ticket& ticket) {
  const std::shared_ptr<Flight> flight = ticket.flight.lock();
  if (flight == nullptr) return;
  Callers left;  // destroyed without the lock: what a caller holds is its own affair
  {
    const std::lock_guard lock(mutex_);
    if (auto node = flight->callers.extract(ticket.number); !node.empty())
      left.insert(std::move(node));
    if (!left.empty() && flight->callers.empty()) Retire(*flight);
  }
}

// Nobody can join it any more, and its call ends as soon as it can.
void Searches::Retire(Flight& flight) {
  const auto found = flights_.find(flight.key);
  if (found != flights_.end() && found->second.get() == &flight) flights_.erase(found);
  flight.stop.request_stop();
}

void Searches::OnWait(Flight& flight, Time until) {
  Callers refused;
  {
    const std::lock_guard lock(mutex_);
    flight.not_before = until;
    for (auto it = flight.callers.begin(); it != flight.callers.end();) {
      const auto next = std::next(it);
      if (it->second.deadline <= until) refused.insert(flight.callers.extract(it));
      it = next;
    }
    if (!refused.empty() && flight.callers.empty()) Retire(flight);
  }
  const absl::Status refusal = NotInTime(until - clock_.Now());
  for (const auto& [number, caller] : refused) caller.done(refusal);
}

void Searches::Run(const std::shared_ptr<Flight>& flight, const std::stop_token& stop) {
  const std::stop_callback end_with_the_pool(stop, [&flight] { flight->stop.request_stop(); });
  while (true) {
    http::CallContext context;
    context.priority = quota::Priority::kInteractive;
    context.deadline = flight->deadline;
    context.stop = flight->stop.get_token();
    context.waits = flight.get();
    const absl::StatusOr<SearchPage> found =
        flight->accounts.pipedrive.Search(flight->query, context);
    const Callers landed = Land(flight, found.status(), stop.stop_requested());
    const absl::StatusOr<SearchPage> stopping = Stopping();
    for (const auto& [number, caller] : landed) {
      caller.done(absl::IsCancelled(found.status()) ? stopping : found);
    }
    const std::lock_guard lock(mutex_);
    if (flight->callers.empty()) return;
  }
}

// Who gets the outcome. Those who have more time than the flight had, if that was what it lacked,
// stay for another.
Searches::Callers Searches::Land(const std::shared_ptr<Flight>& flight, const absl::Status& outcome,
                                 bool stopping) {
  const std::lock_guard lock(mutex_);
  Callers landed;
  const Time again = clock_.Now() + RetryAfterOf(outcome).value_or(Duration::zero());
  const bool retry = !stopping && IsForWantOfTime(outcome, again, flight->deadline);
  Time longest = flight->deadline;
  for (auto it = flight->callers.begin(); it != flight->callers.end();) {
    const auto next = std::next(it);
    const bool stays = retry && it->second.deadline > std::max(flight->deadline, again);
    if (stays) {
      longest = std::max(longest, it->second.deadline);
    } else {
      landed.insert(flight->callers.extract(it));
    }
    it = next;
  }
  flight->deadline = longest;
  flight->not_before = {};
  if (flight->callers.empty()) Retire(*flight);
  return landed;
}

}  // namespace connector::worker
