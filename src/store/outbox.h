#pragma once

// Brevo events that are to be sent, each once. Sending one can't be repeated safely, so an intent
// is committed before it leaves; one of which nobody knows whether it left is parked and looked up.
//
// Errors and threads as in store/store.h.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "model/contact_state.h"
#include "model/outbox_event.h"
#include "model/run.h"

namespace connector::store {

enum class OutboxState {
  kPending,
  kIntent,  // about to leave or leaving; ambiguous once its lease has run out
  kParked,  // it may have left: to be looked up
};

// A contact that can't be written does not hold its events back for longer.
inline constexpr Duration kLongestEventHold = std::chrono::minutes(10);

struct LeasedOutboxEvent {
  int64_t id = 0;
  OutboxEvent event;
  int attempts = 0;                     // sends that failed for certain
  std::optional<Time> intent_at;        // when it may have left; parked events
  int looks = 0;                        // lookups that found nothing; parked events
  std::optional<ContactState> contact;  // of its person; nullopt if it has none
};

struct OutboxRetry {
  int64_t id = 0;
  Time not_before{};
};

// What became of leased events.
struct OutboxSettlement {
  std::vector<int64_t> done;  // sent, or given up together with a failure
  // It did not take effect: pending again.
  std::vector<OutboxRetry> retries;
  // It may have taken effect: to be looked up (again) at that time. A look is counted for one that
  // was parked before.
  std::vector<OutboxRetry> parked;
  std::vector<Failure> failures;
};

class Outbox {
 public:
  virtual ~Outbox() = default;

  // Pending events that are due and whose contact has been written (it has no mark and no open
  // import row, or has had one for 10 minutes), oldest first. A contact's events go to one leaser
  // at a time and in their order: one that waits for a retry holds back those behind it.
  virtual absl::StatusOr<std::vector<LeasedOutboxEvent>> LeaseOutbox(std::string_view connection,
                                                                     std::string_view owner,
                                                                     Time now, Duration lease,
                                                                     int limit) = 0;
  // Before they leave. FAILED_PRECONDITION if one of them is not leased to `owner` (any more).
  virtual absl::Status MarkOutboxIntent(std::string_view connection, std::string_view owner,
                                        const std::vector<int64_t>& ids, Time now) = 0;
  // FAILED_PRECONDITION as above; then nothing of it is taken.
  virtual absl::Status SettleOutbox(std::string_view connection, std::string_view owner,
                                    const OutboxSettlement& settlement) = 0;
  // Parked events that are due, and those whose sender died over them, oldest first.
  virtual absl::StatusOr<std::vector<LeasedOutboxEvent>> LeaseParked(std::string_view connection,
                                                                     std::string_view owner,
                                                                     Time now, Duration lease,
                                                                     int limit) = 0;
};

}  // namespace connector::store
