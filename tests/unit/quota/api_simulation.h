#pragma once

// Simulated time with no threads: workers that call one API through a Budget, a vendor that counts
// strictly, and other consumers of the same quota.

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "quota/budget.h"

namespace connector::quota {

// Events in the order of their time.
class EventLoop {
 public:
  explicit EventLoop(Time start) : now_(start) {}

  Time now() const { return now_; }
  void At(Time time, std::function<void()> what) {
    events_.push({std::max(time, now_), ++last_, std::move(what)});
  }
  void RunUntil(Time end) {
    while (!events_.empty() && events_.top().time <= end) {
      Event event = events_.top();
      events_.pop();
      now_ = event.time;
      event.what();
    }
    now_ = end;
  }

 private:
  struct Event {
    Time time;
    uint64_t number;
    std::function<void()> what;
    bool operator<(const Event& other) const {
      return std::tie(other.time, other.number) < std::tie(time, number);
    }
  };
  Time now_;
  uint64_t last_ = 0;
  std::priority_queue<Event> events_;
};

// A vendor that allows `calls` in any rolling `window` for some families and says so in headers.
struct VendorWindow {
  WindowLimit limit;
  std::deque<Time> arrivals;

  void Forget(Time now) {
    while (!arrivals.empty() && arrivals.front() + limit.window <= now) arrivals.pop_front();
  }
  int64_t Remaining() const { return limit.calls - static_cast<int64_t>(arrivals.size()); }
};

class Vendor {
 public:
  explicit Vendor(const Plan& plan) {
    for (const WindowLimit& limit : plan.windows) windows_.push_back({limit, {}});
  }

  // Counts a call that arrives now; the headers speak of the tightest window.
  std::pair<int, QuotaHeaders> Arrive(Family family, Time now) {
    VendorWindow* tightest = nullptr;
    for (VendorWindow& window : windows_) {
      if (std::ranges::find(window.limit.families, family) == window.limit.families.end()) continue;
      window.Forget(now);
      if (tightest == nullptr || window.Remaining() < tightest->Remaining()) tightest = &window;
    }
    const bool refused = tightest->Remaining() <= 0;
    if (refused) {
      ++refusals;
    } else {
      for (VendorWindow& window : windows_) {
        const auto& families = window.limit.families;
        if (std::ranges::find(families, family) != families.end()) window.arrivals.push_back(now);
      }
    }
    QuotaHeaders headers;
    headers.limit = tightest->limit.calls;
    headers.remaining = tightest->Remaining();
    headers.reset = tightest->arrivals.front() + tightest->limit.window - now;
    return {refused ? 429 : 200, headers};
  }

  int refusals = 0;

 private:
  std::vector<VendorWindow> windows_;
};

// Workers of one priority that always have the next call ready.
struct Crew {
  Priority priority = Priority::kBackfill;
  Operation operation;
  int workers = 1;
  Duration pause{};  // of each worker between an answer and its next call
};

class Simulation {
 public:
  struct Tally {
    int64_t served = 0;
    int64_t refused = 0;
    std::vector<Duration> waits;

    Duration WaitQuantile(double quantile) {
      if (waits.empty()) return Duration::zero();
      std::ranges::sort(waits);
      return waits[static_cast<size_t>(quantile * static_cast<double>(waits.size() - 1))];
    }
  };

  Simulation(Budget& budget, Vendor& vendor, Duration round_trip)
      : budget_(budget), vendor_(vendor), round_trip_(round_trip) {}

  void Add(const Crew& crew) {
    for (int i = 0; i < crew.workers; ++i) Begin(crew);
  }

  // Another consumer that makes `calls` evenly spread in every `window` until `end`.
  void AddOutsider(int64_t calls, Duration window, Time start, Time end) {
    loop_.At(start, [=, this] { OutsiderCall(window / calls, end); });
  }

  // From now on round trips take between half and twice as long, and whoever waits looks up to this
  // late: as threads do on a busy machine.
  void MakeRough(Duration lateness) { lateness_ = lateness; }

  void RunFor(Duration how_long) { loop_.RunUntil(loop_.now() + how_long); }
  Time now() const { return loop_.now(); }

  std::map<Priority, Tally> tallies;
  int64_t outsiders_served = 0;

 private:
  struct Worker {
    Crew crew;
    std::unique_ptr<Budget::Place> place;
    Time asked{};
  };

  void Begin(const Crew& crew) {
    auto worker = std::make_shared<Worker>();
    worker->crew = crew;
    Next(worker);
  }

  void Next(const std::shared_ptr<Worker>& worker) {
    worker->place = std::make_unique<Budget::Place>(budget_, worker->crew.priority);
    worker->asked = loop_.now();
    Ask(worker);
  }

  void Ask(const std::shared_ptr<Worker>& worker) {
    auto decision = budget_.Admit(worker->crew.operation, *worker->place, loop_.now());
    if (!decision.granted) {
      loop_.At(loop_.now() + decision.wait + Late(), [this, worker] { Ask(worker); });
      return;
    }
    tallies[worker->crew.priority].waits.push_back(loop_.now() - worker->asked);
    auto permit = std::make_shared<Budget::Permit>(std::move(decision.permit));
    loop_.At(loop_.now() + HalfTrip(), [this, worker, permit] { Arrive(worker, permit); });
  }

  void Arrive(const std::shared_ptr<Worker>& worker,
              const std::shared_ptr<Budget::Permit>& permit) {
    const auto answer = vendor_.Arrive(worker->crew.operation.family, loop_.now());
    loop_.At(loop_.now() + HalfTrip(), [this, worker, permit, answer] {
      budget_.OnResponse(std::move(*permit), answer.first, answer.second, loop_.now());
      Tally& tally = tallies[worker->crew.priority];
      ++(answer.first == 200 ? tally.served : tally.refused);
      loop_.At(loop_.now() + worker->crew.pause, [this, worker] { Next(worker); });
    });
  }

  Duration HalfTrip() {
    if (lateness_ == Duration::zero()) return round_trip_ / 2;
    return round_trip_ / 4 +
           Duration(random_.Below(static_cast<uint64_t>(round_trip_.count()) * 3 / 4));
  }
  Duration Late() { return Duration(random_.Below(static_cast<uint64_t>(lateness_.count()))); }

  void OutsiderCall(Duration every, Time end) {
    if (loop_.now() >= end) return;
    if (vendor_.Arrive(Family::kPipedriveGeneral, loop_.now()).first == 200) ++outsiders_served;
    loop_.At(loop_.now() + every, [=, this] { OutsiderCall(every, end); });
  }

  Budget& budget_;
  Vendor& vendor_;
  const Duration round_trip_;
  Duration lateness_{};
  SeededRandom random_{7};
  EventLoop loop_{Time(std::chrono::hours(24 * 365 * 50))};
};

}  // namespace connector::quota
