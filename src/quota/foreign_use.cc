#include "quota/foreign_use.h"

#include <algorithm>

namespace connector::quota {

int64_t ForeignUse::Seen(Time now) const {
  if (!IsShort()) return now < until_ ? latest_ : 0;
  const int64_t current = EpochOf(now);
  int64_t most = 0;
  for (const Epoch& epoch : epochs_) {
    if (epoch.number > current - kEpochs && epoch.number <= current) {
      most = std::max(most, epoch.most);
    }
  }
  return most;
}

int64_t ForeignUse::Slots(Time now) const {
  const int64_t seen = Seen(now);
  if (seen == 0 || !IsShort()) return seen;
  return seen + std::max<int64_t>(1, seen / 10);
}

void ForeignUse::Observe(int64_t slots, Duration reset, Time now) {
  slots = std::max<int64_t>(slots, 0);
  if (!IsShort()) {
    latest_ = slots;
    until_ = now + std::min(reset, window_);
    return;
  }
  Epoch& epoch = epochs_[static_cast<size_t>(EpochOf(now)) % kEpochs];
  if (epoch.number != EpochOf(now)) epoch = {EpochOf(now), 0};
  epoch.most = std::max(epoch.most, slots);
}

void ForeignUse::Raise(int64_t slots, Duration reset, Time now) {
  Observe(Seen(now) + slots, reset, now);
}

}  // namespace connector::quota
