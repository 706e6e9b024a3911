#pragma once

// Which activities were told to Brevo as events, so that each change is told once, whether a
// webhook or a run brings it.
//
// Errors and threads as in store/store.h.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "model/outbox_event.h"

namespace connector::store {

struct Cursor;
struct RunUpdate;

// An activity as somebody saw it, with the Brevo events that each way of taking it comes to.
struct ActivityChange {
  enum class Told {
    kAdded,  // a webhook says what happened
    kChanged,
    kDeleted,
    kSeen,  // read: what happened since the last look is to be concluded
  };

  int64_t id = 0;
  std::optional<Time> update_time;
  Told told = Told::kSeen;
  // Seen: if it was not told as added before, it is now; otherwise it is too old for that.
  bool may_be_new = false;
  std::vector<OutboxEvent> if_added;
  std::vector<OutboxEvent> if_changed;
  std::vector<OutboxEvent> if_deleted;
};

struct ActivityFold {
  int64_t added = 0;      // told as added
  int64_t changed = 0;    // told as changed
  int64_t unchanged = 0;  // nothing that was not told before
};

class Activities {
 public:
  virtual ~Activities() = default;

  // Appends to the outbox the events of what is news, and remembers what was told:
  //  * an addition is told once;
  //  * a change that a webhook tells is told once for its key (for 7 days, as long as the outbox
  //    keeps keys); one that is seen, if it is later than all that was told;
  //  * nothing is told of an activity after its deletion.
  virtual absl::StatusOr<ActivityFold> FinishActivitiesPage(
      const RunUpdate& update, std::string_view walk, const Cursor& cursor,
      const std::vector<ActivityChange>& page) = 0;
};

}  // namespace connector::store
