#include "quota/rolling_window.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace connector::quota {
namespace {

// Slots that come free within this part of a window are kept as one entry: an hour of 72,000 calls
// then takes at most this many entries, and a slot is late by 0.05 % of the window at most.
constexpr int kGrains = 2000;

// No window keeps more than this back: of an hour's 36,000 a fifth would lie idle for nothing,
// since slots come free many times a second and go to real-time work first.
constexpr int64_t kMostReserved = 100;

constexpr Duration kLongestBlock = std::chrono::hours(1);

}  // namespace

RollingWindow::RollingWindow(WindowLimit limit, Reserve reserve)
    : limit_(std::move(limit)), reserve_(reserve), foreign_(limit_.window) {}

int64_t& RollingWindow::SlotsOf(Freed& freed, Holder holder) {
  if (holder == Holder::kRealTime) return freed.real_time;
  return holder == Holder::kLoan ? freed.loan : freed.other;
}

int64_t& RollingWindow::SlotsOf(Held& held, Holder holder) {
  if (holder == Holder::kRealTime) return held.real_time;
  return holder == Holder::kLoan ? held.loan : held.other;
}

int64_t RollingWindow::Capacity(Time now) const {
  if (members_ == 0) return 0;
  const int64_t part = std::max<int64_t>(limit_.calls / members_, 1);
  return std::max<int64_t>(part - foreign_.Slots(now), 1);
}

int64_t RollingWindow::ReserveSlots(int64_t capacity) const {
  if (capacity < 2 || reserve_.share <= 0) return 0;
  const auto slots =
      static_cast<int64_t>(std::llround(static_cast<double>(capacity) * reserve_.share));
  return std::clamp<int64_t>(slots, 1, std::min(capacity - 1, kMostReserved));
}

int64_t RollingWindow::CoreSlots(int64_t capacity) const {
  return std::min(capacity / 50, ReserveSlots(capacity));
}

void RollingWindow::Forget(Time now) {
  // A clock that stepped back must not make a slot wait longer than a window.
  for (auto it = freed_.rbegin(); it != freed_.rend() && it->at > now + limit_.window * 2; ++it) {
    it->at = now + limit_.window;
  }
  blocked_until_ = std::min(blocked_until_, now + kLongestBlock);
  next_loan_ = std::min(next_loan_, now + limit_.window);
  while (!freed_.empty() && freed_.front().at <= now) {
    const Freed& freed = freed_.front();
    held_.real_time -= freed.real_time;
    held_.other -= freed.other;
    held_.loan -= freed.loan;
    past_.push_back(freed);
    freed_.pop_front();
  }
  while (!past_.empty() && past_.front().at <= now - limit_.window) past_.pop_front();
}

// Slots held at any moment since `time`.
int64_t RollingWindow::HeldSince(Time time) const {
  int64_t slots = held_.Total();
  for (auto it = past_.rbegin(); it != past_.rend() && it->at > time; ++it) {
    slots += it->real_time + it->other + it->loan;
  }
  return slots;
}

bool RollingWindow::MayBorrow(const Held& held, int64_t capacity, int64_t room, Time at) const {
  const int64_t core = CoreSlots(capacity);
  return reserve_.lend && room > core && at >= next_loan_ &&
         held.real_time + held.loan < ReserveSlots(capacity) - core;
}

bool RollingWindow::Fits(const Claim& claim, const Held& held, int64_t capacity, Time at) const {
  const int64_t room = capacity - held.Total() - claim.ahead;
  if (room <= 0) return false;
  if (claim.real_time || claim.may_enter_reserve) return true;
  const int64_t kept = std::max<int64_t>(ReserveSlots(capacity) - held.real_time - held.loan, 0);
  return room > kept || MayBorrow(held, capacity, room, at);
}

Time RollingWindow::FreeAt(const Claim& claim, Time now) {
  if (!limited()) return now;
  Forget(now);
  const int64_t capacity = Capacity(now);
  Held held = held_;
  Time at = std::max(now, blocked_until_);
  auto next = freed_.begin();
  while (true) {
    for (; next != freed_.end() && next->at <= at; ++next) {
      held.real_time -= next->real_time;
      held.other -= next->other;
      held.loan -= next->loan;
    }
    if (Fits(claim, held, capacity, at)) return at;
    Time later = next == freed_.end() ? Time::max() : next->at;
    if (!claim.real_time && next_loan_ > at) later = std::min(later, next_loan_);
    if (later == Time::max()) return std::max(now + limit_.window, blocked_until_);
    at = later;
  }
}

RollingWindow::Holder RollingWindow::Take(const Claim& claim, Time now) {
  const int64_t capacity = Capacity(now);
  const int64_t reserve = ReserveSlots(capacity);
  const int64_t room = capacity - held_.Total();
  Holder holder = Holder::kOther;
  if (claim.real_time) {
    holder = Holder::kRealTime;
  } else if (room <= std::max<int64_t>(reserve - held_.real_time - held_.loan, 0) && limited()) {
    holder = Holder::kLoan;
    const int64_t lendable = std::max<int64_t>(reserve - CoreSlots(capacity), 1);
    next_loan_ = now + limit_.window / lendable;
  }
  ++SlotsOf(held_, holder);
  return holder;
}

void RollingWindow::Answered(Holder holder, Time now) {
  const Duration grain = std::max(limit_.window / kGrains, Duration(1));
  Time at = now + limit_.window;
  const Duration beyond = at.time_since_epoch() % grain;
  if (beyond != Duration::zero()) at += grain - beyond;
  auto place = freed_.end();
  while (place != freed_.begin() && std::prev(place)->at > at) --place;
  if (place != freed_.begin() && std::prev(place)->at == at) {
    --place;
  } else {
    place = freed_.insert(place, Freed{at});
  }
  ++SlotsOf(*place, holder);
}

void RollingWindow::NotSent(Holder holder) { --SlotsOf(held_, holder); }

void RollingWindow::Observe(const Figures& figures, Time now) {
  if (!limited()) return;
  Forget(now);
  const Duration until_reset = std::min(figures.reset.value_or(limit_.window), limit_.window);
  if (figures.remaining.has_value() && *figures.remaining <= limit_.calls) {
    const int64_t others_share = members_ > 1 ? limit_.calls - limit_.calls / members_ : int64_t{0};
    // The vendor may have counted what has come free here while its answer was on the way: taken
    // for the use of others, it would cost a small window a good part of its slots.
    const int64_t ours = HeldSince(figures.sent) - (figures.refused ? 1 : 0);
    foreign_.Observe(limit_.calls - *figures.remaining - ours - others_share, until_reset, now);
  }
  if (figures.refused) foreign_.Raise(std::max<int64_t>(limit_.calls / 20, 1), until_reset, now);
}

void RollingWindow::SetWindow(Duration window) {
  for (Freed& freed : freed_) freed.at += window - limit_.window;
  limit_.window = window;
  foreign_.set_window(window);
}

int64_t RollingWindow::InUse(Time now) {
  Forget(now);
  const int64_t mine = Capacity(now);
  return std::min(limit_.calls, limit_.calls - mine + held_.Total());
}

Time RollingWindow::AllFreeAt(Time now) {
  Forget(now);
  const Time last = freed_.empty() ? now : freed_.back().at;
  return std::max({now, last, blocked_until_});
}

}  // namespace connector::quota
