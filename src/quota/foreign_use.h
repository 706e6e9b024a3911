#pragma once

#include <array>
#include <cstdint>

#include "base/clock.h"

namespace connector::quota {

// How many slots of one window others hold (another integration, a person's script), as far as the
// vendor's headers tell. A short window remembers the most it saw in the last kEpochs windows,
// since the others will be back in the next one; a long one (an hour) believes the latest answer
// until the vendor's reset. Not thread-safe: the budget locks.
class ForeignUse {
 public:
  explicit ForeignUse(Duration window) : window_(window) {}

  // Slots to leave to others now. A tenth of what was seen is added, at least one slot: the figure
  // comes from an answer that is already a round trip old.
  int64_t Slots(Time now) const;

  // An answer showed that others held `slots`; `reset` is the vendor's, from now.
  void Observe(int64_t slots, Duration reset, Time now);

  // The vendor refused a call that fitted: leave at least `slots` more than before.
  void Raise(int64_t slots, Duration reset, Time now);

  void set_window(Duration window) { window_ = window; }

 private:
  static constexpr int kEpochs = 8;
  static constexpr Duration kShort = std::chrono::minutes(1);

  bool IsShort() const { return window_ < kShort; }
  int64_t EpochOf(Time now) const { return now.time_since_epoch() / window_; }
  int64_t Seen(Time now) const;

  Duration window_;
  struct Epoch {
    int64_t number = -1;
    int64_t most = 0;
  };
  std::array<Epoch, kEpochs> epochs_{};  // of a short window
  int64_t latest_ = 0;                   // of a long window
  Time until_{};                         // of latest_
};

}  // namespace connector::quota
