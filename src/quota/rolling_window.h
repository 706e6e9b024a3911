#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/clock.h"
#include "quota/foreign_use.h"
#include "quota/plan.h"

namespace connector::quota {

// The part of a window kept for real-time work (interactive and webhook calls).
//
// Work that is not real-time may use the part only on loan: one slot at a time, at least
// window / (slots on loan) apart, and never the core, 2 % of the window. So a backfill that is
// alone uses the whole window but the core, and yet, when it has taken everything, slots on loan
// come free at even distances: a real-time call waits for the first of them at most window /
// reserve (half a second at 20 calls in 2 s) plus a round trip, since a free slot always goes to
// real-time work first.
struct Reserve {
  double share = 0.2;  // of the window; 1 to 100 slots if the window has two or more
  bool lend = true;    // false: other work never enters the reserve
};

// One rolling limit as it can be known from outside: a slot taken by a call is only free again one
// window after the call's answer, because the vendor counted the call at some unknown moment
// before. Not thread-safe: the budget locks.
class RollingWindow {
 public:
  enum class Holder : uint8_t { kRealTime, kOther, kLoan };

  struct Claim {
    bool real_time = false;
    bool may_enter_reserve = false;  // its turn has come after long waiting
    int64_t ahead = 0;               // waiting calls that are to be served first
  };

  RollingWindow(WindowLimit limit, Reserve reserve);

  // The earliest time at which the claim may be granted as far as is known: `now` if at once. If
  // only calls in flight can make room, it is one window from now, as no answer can be earlier.
  Time FreeAt(const Claim& claim, Time now);

  // Takes a slot for a claim that FreeAt grants now.
  Holder Take(const Claim& claim, Time now);

  void Answered(Holder holder, Time now);  // the slot is free one window from now
  void NotSent(Holder holder);             // the slot is free at once

  // The vendor's figures on an answer to a call of this window that has been Answered().
  struct Figures {
    std::optional<int64_t> remaining;
    std::optional<Duration> reset;
    bool refused = false;  // the vendor didn't count the call
    Time sent{};           // the figures are of some moment since then
  };
  // Figures without sense are ignored.
  void Observe(const Figures& figures, Time now);

  // Grants nothing before `until`, at most an hour from now.
  void BlockUntil(Time until) { blocked_until_ = std::max(blocked_until_, until); }

  void SetCalls(int64_t calls) { limit_.calls = calls; }  // 0: not limited
  void SetWindow(Duration window);

  // This process's part if `members` share the window; 0 members: none of it.
  void SetMembers(int64_t members) { members_ = members; }

  bool limited() const { return limit_.calls > 0; }
  const WindowLimit& limit() const { return limit_; }
  int64_t InUse(Time now);           // slots this process can't use, those of others included
  int64_t Capacity(Time now) const;  // slots that are this process's to use
  Time AllFreeAt(Time now);

 private:
  struct Freed {
    Time at;
    int64_t real_time = 0;
    int64_t other = 0;
    int64_t loan = 0;
  };
  // What is held at some moment, in flight or answered less than a window ago.
  struct Held {
    int64_t real_time = 0;
    int64_t other = 0;
    int64_t loan = 0;
    int64_t Total() const { return real_time + other + loan; }
  };

  void Forget(Time now);
  int64_t HeldSince(Time time) const;
  static int64_t& SlotsOf(Freed& freed, Holder holder);
  static int64_t& SlotsOf(Held& held, Holder holder);
  int64_t ReserveSlots(int64_t capacity) const;
  int64_t CoreSlots(int64_t capacity) const;
  bool Fits(const Claim& claim, const Held& held, int64_t capacity, Time at) const;
  bool MayBorrow(const Held& held, int64_t capacity, int64_t room, Time at) const;

  WindowLimit limit_;
  const Reserve reserve_;
  int64_t members_ = 1;
  Held held_;
  std::deque<Freed> freed_;  // by time; those of one grain of the window are one entry
  std::deque<Freed> past_;   // those that came free within the last window, by time
  Time next_loan_{};
  Time blocked_until_{};
  ForeignUse foreign_;
};

}  // namespace connector::quota
