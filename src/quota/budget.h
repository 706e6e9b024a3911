#pragma once

// The rate budget of one credential of one API: every call is paid for here before it is made.

#include <array>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "base/clock.h"
#include "quota/headers.h"
#include "quota/ledger.h"
#include "quota/operation.h"
#include "quota/plan.h"
#include "quota/rolling_window.h"
#include "quota/token_day.h"

namespace connector::quota {

inline constexpr int kPriorities = 4;
std::string_view PriorityName(Priority priority);

// One limit as it stands, for metrics and the status page.
struct LimitSnapshot {
  std::string_view name;  // "burst", "search", "daily_tokens", "contacts_second", ...
  int64_t limit = 0;
  int64_t remaining = 0;
  double headroom = 1.0;              // remaining / limit
  double seconds_to_reset = 0;        // until all of it is free, if nothing is spent
  double seconds_to_exhaustion = -1;  // of the daily tokens at the present rate; -1: not in sight
  int64_t spent = 0;                  // daily tokens only: by us, today
  bool estimate = false;              // our own count, not the vendor's
};

struct BudgetSnapshot {
  std::string_view plan;
  std::vector<LimitSnapshot> limits;
  std::array<int, kPriorities> waiting{};  // callers by priority
  Throttle pause = Throttle::kNone;        // why the whole account stands still
  Time paused_until{};
};

// All limits at once: a call is granted when every window it counts against and the day's tokens
// have room. Higher priorities are served first, equal ones in the order of asking; real-time work
// has reserved shares (see RollingWindow and TokenDay); and of every ten slots of a window that
// several priorities want one goes to a lower one, to whoever has waited longest, so that nobody
// starves. A caller refused because of one window does not stand in the way of another family's
// calls at another window until the first has room; then what it needs of the other is kept for a
// higher priority until it asks again.
//
// The budget never waits: it says when to ask again, and whoever asks keeps a Place so that its
// turn is kept. Learns from every answer: the plan, the use of others, refusals. Every method may
// be called from any thread; `now` is the clock's. Must outlive its places and permits.
class Budget {
 public:
  struct Options {
    Api api = Api::kPipedrive;
    Credential credential = Credential::kApiToken;
    std::string plan{};  // empty or unknown: start from the smallest and learn
    int seats = 0;  // 0: not known; then the daily tokens bind only once a header has shown them
    Reserve reserve{};                   // of every window
    double reserved_tokens_share = 0.1;  // of the daily tokens, for real-time work
    // After a 403 that is not JSON; doubles with each further one.
    Duration block_pause = std::chrono::minutes(10);
    Duration longest_block_pause = std::chrono::hours(1);
  };

  // A caller's standing while it waits; on leaving the scope it gives up its turn.
  class Place {
   public:
    Place(Budget& budget, Priority priority) : budget_(budget), priority_(priority) {}
    ~Place() { budget_.Leave(*this); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    friend class Budget;
    Budget& budget_;
    const Priority priority_;
    uint64_t number_ = 0;   // order of asking; 0: not waiting
    size_t waits_for_ = 0;  // index of the window that holds it up, or kNoWindow
    Family family_{};       // of the call it asks for
    Time ready_{};          // when that window was to have room
  };

  // A call that was paid for. Ends with OnResponse, OnNoResponse or OnNotSent; a permit that is
  // just destroyed counts as OnNoResponse at the last time the budget has seen.
  class Permit {
   public:
    Permit() = default;
    Permit(Permit&& other) noexcept { *this = std::move(other); }
    Permit& operator=(Permit&& other) noexcept;
    ~Permit();

   private:
    friend class Budget;
    struct Slot {
      size_t window;
      RollingWindow::Holder holder;
    };
    Budget* budget_ = nullptr;
    Operation operation_;
    std::vector<Slot> slots_;
    Time admitted_{};
    bool probe_ = false;
  };

  struct Decision {
    bool granted = false;
    Permit permit;                     // if granted
    Duration wait{};                   // else: ask again then
    std::string_view limit;            // else: what holds it up; "paused" for the account
    Throttle pause = Throttle::kNone;  // else: set if the account is paused
  };

  // What an answer meant for the budget.
  struct Verdict {
    Throttle throttle = Throttle::kNone;
    Duration wait{};  // until the same call may be admitted again, if throttled
  };

  explicit Budget(Options options);
  ~Budget();

  Decision Admit(const Operation& operation, Place& place, Time now);

  Verdict OnResponse(Permit permit, int status, const QuotaHeaders& headers, Time now);
  void OnNoResponse(Permit permit, Time now);  // it may have been counted
  void OnNotSent(Permit permit, Time now);     // it never left; nothing was spent

  BudgetSnapshot Snapshot(Time now);

  // Reports to the ledger and takes this process's part from it; call every kLedgerInterval. When
  // it fails for kLedgerMemberLife the budget grants nothing until it succeeds again. Calls the
  // ledger without holding the lock.
  absl::Status ShareThrough(Ledger& ledger, std::string_view account, std::string_view member,
                            Time now);

 private:
  struct WindowState {
    RollingWindow window;
    int contested = 0;  // grants since a long waiter was last served
  };
  struct Pause {
    Throttle reason = Throttle::kNone;
    Time since{};
    Time until{};
    Duration length{};     // of the block; doubles
    bool probing = false;  // one call is out to see whether it is over
  };

  void Leave(Place& place);
  void Enqueue(Place& place, size_t window);
  void Dequeue(Place& place);
  static bool Precedes(const Place& a, const Place& b, const Place* long_waiter);
  const Place* LongWaiter(const Place& asking, size_t window) const;
  bool IsNearTurn(const Place& place, size_t window) const;
  bool IsKeptFor(const Place& other, const Place& place, size_t window, Time now) const;
  RollingWindow::Claim ClaimOf(const Place& place, size_t window, Time now) const;
  std::optional<Decision> RefuseIfPaused(Time now);
  Decision Refuse(Place& place, size_t window, Duration wait, std::string_view limit);
  Permit Grant(const Operation& operation, Place& place, Time now);
  void CountContest(const Place& place, size_t window);

  void Learn(const Operation& operation, const QuotaHeaders& headers, Time now);
  void ObserveRemaining(const Permit& permit, const QuotaHeaders& headers, Time now);
  size_t WindowMeant(const Operation& operation, std::optional<int64_t> limit) const;
  void AdoptPlan(const Plan& plan);
  Verdict OnThrottled(Throttle throttle, const Permit& permit, const QuotaHeaders& headers,
                      Time now);
  Verdict BlockWindows(const Permit& permit, const QuotaHeaders& headers, Time now);
  Duration PauseFor(Throttle reason, const Permit& permit, const QuotaHeaders& headers, Time now);
  void SettleProbe(const Permit& permit, bool served, Time now);
  void Settle(Permit& permit, Time now);
  bool SliceLapsed(Time now) const;

  const Options options_;
  const bool plan_configured_;
  mutable std::mutex mutex_;  // guards everything below
  std::string_view plan_name_;
  std::vector<WindowState> windows_;
  TokenDay tokens_;
  std::vector<Place*> waiting_;  // in the order of asking
  uint64_t last_number_ = 0;
  Pause pause_;
  Time last_seen_{};
  std::optional<Time> slice_until_;  // set once the budget is shared
};

}  // namespace connector::quota
