#include "quota/budget.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/time_format.h"

namespace connector::quota {
namespace {

constexpr size_t kNoWindow = std::numeric_limits<size_t>::max();

// One slot in this many goes to who has waited longest.
constexpr int kLongWaiterTurn = 10;

// How often a window is looked at by who may be given a turn out of order.
constexpr int kLooksPerWindow = 16;

// How late a caller may look again after its wait is over before what it needs goes to others: the
// scheduler of a busy machine takes that long to wake a thread.
constexpr Duration kLateness = std::chrono::milliseconds(50);

// How long others wait while one call finds out whether a pause is over.
constexpr Duration kProbePoll = std::chrono::seconds(1);

// When to try again after a probe that brought no verdict.
constexpr Duration kProbeAgain = std::chrono::minutes(1);

bool Counts(const WindowLimit& limit, Family family) {
  return std::ranges::find(limit.families, family) != limit.families.end();
}

Plan StartingPlan(const Budget::Options& options) {
  auto plan = FindPlan(options.api, options.plan, options.credential, options.seats);
  return plan ? *std::move(plan) : SmallestPlan(options.api, options.credential, options.seats);
}

}  // namespace

std::string_view PriorityName(Priority priority) {
  static constexpr std::array<std::string_view, kPriorities> kNames = {"interactive", "webhook",
                                                                       "incremental", "backfill"};
  return kNames[static_cast<size_t>(priority)];
}

Budget::Permit& Budget::Permit::operator=(Permit&& other) noexcept {
  std::swap(budget_, other.budget_);
  std::swap(operation_, other.operation_);
  std::swap(slots_, other.slots_);
  std::swap(admitted_, other.admitted_);
  std::swap(probe_, other.probe_);
  return *this;
}

Budget::Permit::~Permit() {
  if (budget_ == nullptr) return;
  const std::lock_guard lock(budget_->mutex_);
  budget_->SettleProbe(*this, /*served=*/false, budget_->last_seen_);
  budget_->Settle(*this, budget_->last_seen_);
}

Budget::Budget(Options options)
    : options_(std::move(options)),
      plan_configured_(
          FindPlan(options_.api, options_.plan, options_.credential, options_.seats).has_value()),
      tokens_(StartingPlan(options_).daily_tokens, plan_configured_ && options_.seats > 0,
              options_.reserved_tokens_share) {
  // The smallest plan names every window there is; the configured one may have fewer.
  for (WindowLimit& limit :
       SmallestPlan(options_.api, options_.credential, options_.seats).windows) {
    windows_.push_back({RollingWindow(std::move(limit), options_.reserve)});
  }
  AdoptPlan(StartingPlan(options_));
}

Budget::~Budget() = default;

void Budget::AdoptPlan(const Plan& plan) {
  plan_name_ = plan.name;
  for (WindowState& state : windows_) {
    const auto same =
        std::ranges::find(plan.windows, state.window.limit().name, &WindowLimit::name);
    state.window.SetCalls(same == plan.windows.end() ? 0 : same->calls);
    if (same != plan.windows.end()) state.window.SetWindow(same->window);
  }
  tokens_.SetLimit(plan.daily_tokens);
}

// ---- the queue
// ------------------------------------------------------------------------------------

void Budget::Leave(Place& place) {
  const std::lock_guard lock(mutex_);
  Dequeue(place);
}

void Budget::Enqueue(Place& place, size_t window) {
  place.waits_for_ = window;
  if (place.number_ != 0) return;
  place.number_ = ++last_number_;
  waiting_.push_back(&place);
}

void Budget::Dequeue(Place& place) {
  if (place.number_ == 0) return;
  std::erase(waiting_, &place);
  place.number_ = 0;
}

// Who has waited longest for this window behind a higher priority, if it is the turn of such a one.
const Budget::Place* Budget::LongWaiter(const Place& asking, size_t window) const {
  if (windows_[window].contested < kLongWaiterTurn - 1) return nullptr;
  Priority highest = asking.priority_;
  for (const Place* place : waiting_) {
    if (place->waits_for_ == window) highest = std::min(highest, place->priority_);
  }
  const auto first = std::ranges::find_if(waiting_, [&](const Place* place) {
    return place->waits_for_ == window && place->priority_ > highest;
  });
  return first == waiting_.end() ? nullptr : *first;
}

// True for the few that may soon be the long waiter: they must not sleep through their turn.
bool Budget::IsNearTurn(const Place& place, size_t window) const {
  constexpr int kNear = 4;
  bool higher_waits = false;
  int older = 0;
  for (const Place* other : waiting_) {
    if (other->waits_for_ != window || other == &place) continue;
    if (other->priority_ < place.priority_) higher_waits = true;
    if (other->priority_ >= place.priority_ && other->number_ < place.number_) ++older;
  }
  return higher_waits && older < kNear;
}

bool Budget::Precedes(const Place& a, const Place& b, const Place* long_waiter) {
  if (&a == long_waiter || &b == long_waiter) return &a == long_waiter;
  if (a.priority_ != b.priority_) return a.priority_ < b.priority_;
  return a.number_ != 0 && (b.number_ == 0 || a.number_ < b.number_);
}

// Whether a slot of this window is to be kept for `other`, though another window holds it up:
//  * it needs the same windows as `place` and comes first, or the two would take from each other in
//    turn what the other one waits for;
//  * it has a higher priority and needs a slot as soon as it looks again, since the window it
//  waited
//    for has room. A lower one that looks earlier would take it, and that room would lie idle.
bool Budget::IsKeptFor(const Place& other, const Place& place, size_t window, Time now) const {
  if (other.waits_for_ == kNoWindow) return false;
  if (!Counts(windows_[window].window.limit(), other.family_)) return false;
  if (other.family_ == place.family_) return Precedes(other, place, nullptr);
  return other.priority_ < place.priority_ && other.ready_ <= now && now - other.ready_ < kLateness;
}

RollingWindow::Claim Budget::ClaimOf(const Place& place, size_t window, Time now) const {
  const Place* const long_waiter = LongWaiter(place, window);
  RollingWindow::Claim claim;
  claim.real_time = place.priority_ <= Priority::kWebhook;
  claim.may_enter_reserve = long_waiter == &place;
  claim.ahead = std::ranges::count_if(waiting_, [&](const Place* other) {
    if (other == &place) return false;
    if (other->waits_for_ != window) {
      return &place != long_waiter && IsKeptFor(*other, place, window, now);
    }
    return Precedes(*other, place, long_waiter);
  });
  return claim;
}

void Budget::CountContest(const Place& place, size_t window) {
  const bool others_wait_lower = std::ranges::any_of(waiting_, [&](const Place* other) {
    return other->waits_for_ == window && other->priority_ > place.priority_;
  });
  if (LongWaiter(place, window) == &place) {
    windows_[window].contested = 0;
  } else if (others_wait_lower) {
    ++windows_[window].contested;
  }
}

// ---- admission
// ------------------------------------------------------------------------------------

std::optional<Budget::Decision> Budget::RefuseIfPaused(Time now) {
  if (pause_.reason == Throttle::kNone) return std::nullopt;
  pause_.until = std::min(pause_.until, now + pause_.length);  // the clock may have stepped back
  if (now >= pause_.until && !pause_.probing) return std::nullopt;
  Decision decision;
  decision.wait = std::max(pause_.until - now, kProbePoll);
  decision.limit = "paused";
  decision.pause = pause_.reason;
  return decision;
}

Budget::Decision Budget::Refuse(Place& place, size_t window, Duration wait,
                                std::string_view limit) {
  Enqueue(place, window);
  Decision decision;
  decision.wait = wait;
  if (window != kNoWindow && IsNearTurn(place, window)) {
    decision.wait = std::min(wait, windows_[window].window.limit().window / kLooksPerWindow);
  }
  decision.limit = limit;
  return decision;
}

Budget::Permit Budget::Grant(const Operation& operation, Place& place, Time now) {
  Permit permit;
  permit.budget_ = this;
  permit.operation_ = operation;
  permit.admitted_ = now;
  permit.probe_ = pause_.reason != Throttle::kNone;
  pause_.probing = permit.probe_;
  for (size_t i = 0; i < windows_.size(); ++i) {
    RollingWindow& window = windows_[i].window;
    if (!Counts(window.limit(), operation.family)) continue;
    const auto claim = ClaimOf(place, i, now);
    CountContest(place, i);
    permit.slots_.push_back({i, window.Take(claim, now)});
  }
  tokens_.Take(operation.tokens, now);
  Dequeue(place);
  return permit;
}

Budget::Decision Budget::Admit(const Operation& operation, Place& place, Time now) {
  const std::lock_guard lock(mutex_);
  last_seen_ = now;
  if (auto refusal = RefuseIfPaused(now)) {
    Enqueue(place, kNoWindow);
    return *std::move(refusal);
  }
  place.family_ = operation.family;
  if (SliceLapsed(now)) return Refuse(place, kNoWindow, kLedgerInterval, "ledger");
  Time at = now;
  size_t window = kNoWindow;
  for (size_t i = 0; i < windows_.size(); ++i) {
    if (!Counts(windows_[i].window.limit(), operation.family)) continue;
    const Time free = windows_[i].window.FreeAt(ClaimOf(place, i, now), now);
    if (free > at) {
      at = free;
      window = i;
    }
  }
  const bool real_time = place.priority_ <= Priority::kWebhook;
  const Time tokens_at = tokens_.FreeAt(operation.tokens, real_time, now);
  if (tokens_at > at) return Refuse(place, kNoWindow, tokens_at - now, "daily_tokens");
  if (at > now) {
    place.ready_ = at;
    return Refuse(place, window, at - now, windows_[window].window.limit().name);
  }
  Decision decision;
  decision.granted = true;
  decision.permit = Grant(operation, place, now);
  return decision;
}

// ---- answers
// --------------------------------------------------------------------------------------

void Budget::Settle(Permit& permit, Time now) {
  for (const Permit::Slot& slot : permit.slots_) {
    windows_[slot.window].window.Answered(slot.holder, now);
  }
  tokens_.Answered(permit.operation_.tokens, now);
  permit.budget_ = nullptr;
}

void Budget::SettleProbe(const Permit& permit, bool served, Time now) {
  if (pause_.reason == Throttle::kNone) return;
  if (served && permit.admitted_ >= pause_.since) {
    pause_ = Pause{};
  } else if (permit.probe_) {
    pause_.probing = false;
    pause_.until = std::max(pause_.until, now + kProbeAgain);
  }
}

Budget::Verdict Budget::OnResponse(Permit permit, int status, const QuotaHeaders& headers,
                                   Time now) {
  const std::lock_guard lock(mutex_);
  last_seen_ = now;
  const Throttle throttle = ClassifyThrottle(permit.operation_, status, headers);
  // What was refused cost no tokens.
  if (throttle != Throttle::kNone) {
    tokens_.NotSent(std::exchange(permit.operation_.tokens, 0));
  }
  Settle(permit, now);
  Learn(permit.operation_, headers, now);
  if (throttle != Throttle::kNone) return OnThrottled(throttle, permit, headers, now);
  ObserveRemaining(permit, headers, now);
  SettleProbe(permit, status < 500, now);
  return {};
}

void Budget::OnNoResponse(Permit permit, Time now) {
  const std::lock_guard lock(mutex_);
  last_seen_ = now;
  SettleProbe(permit, /*served=*/false, now);
  Settle(permit, now);
}

void Budget::OnNotSent(Permit permit, Time now) {
  const std::lock_guard lock(mutex_);
  last_seen_ = now;
  SettleProbe(permit, /*served=*/false, now);
  for (const Permit::Slot& slot : permit.slots_) windows_[slot.window].window.NotSent(slot.holder);
  tokens_.NotSent(permit.operation_.tokens);
  permit.budget_ = nullptr;
}

// ---- the part of this process
// ---------------------------------------------------------------------

bool Budget::SliceLapsed(Time now) const {
  return slice_until_.has_value() && now >= *slice_until_;
}

absl::Status Budget::ShareThrough(Ledger& ledger, std::string_view account, std::string_view member,
                                  Time now) {
  const std::string day = FormatSeconds(now).substr(0, 10);
  int64_t tokens = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!slice_until_.has_value()) slice_until_ = now;
    tokens = tokens_.TakeUnreported();
  }
  const auto slice = ledger.Report({account, member, day, tokens});
  const std::lock_guard lock(mutex_);
  if (!slice.ok()) {
    tokens_.ReturnUnreported(tokens);
    return slice.status();
  }
  slice_until_ = slice->may_spend ? now + kLedgerMemberLife : now;
  for (WindowState& state : windows_) state.window.SetMembers(slice->members);
  tokens_.ObserveSpent(slice->tokens_spent, now);
  return absl::OkStatus();
}

}  // namespace connector::quota
