#pragma once

// Stops a record that somebody else keeps setting back: a value that returns to what was written
// before, within an hour, is a flip.

#include <string>

#include "base/clock.h"
#include "sync/plan.h"

namespace connector::sync {

struct FlipVerdict {
  bool rests = false;     // nothing is to be written for now but a block
  bool is_news = false;   // it rests from now on
  std::string attribute;  // that flipped last, if it is news
  Duration rest{};        // until then
};

// Books into the plan's state what the plan is about to write, once for each time it is carried
// out.
FlipVerdict CheckFlips(ContactPlan& plan, int flips_per_hour, Time now);

}  // namespace connector::sync
