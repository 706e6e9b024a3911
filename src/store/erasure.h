#pragma once

// Erasing a person on request: what is held here goes at once, what is held at the vendors is
// remembered until it is gone there, too, and a keyed hash sees to it that no sync brings the
// person back.
//
// Errors and threads as in store/store.h.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"

namespace connector::store {

// What was done in one place.
enum class ErasureOutcome { kPending, kDeleted, kAnonymised, kNotFound, kKept };

// Who is to be erased.
struct ErasureTarget {
  int64_t contact_key = 0;           // 0: not known here
  int64_t brevo_id = 0;              // 0: not known
  std::vector<int64_t> person_ids;   // Pipedrive's, all that are bound
  std::vector<std::string> emails;   // in lower case; the contact's comes first
  std::vector<std::string> ext_ids;  // of the contact and of the persons
};

// One request. Once it is finished, its record holds no personal data.
struct Erasure {
  std::string id;  // names the audit record
  Time requested_at{};
  std::optional<Time> finished_at;
  ErasureOutcome here = ErasureOutcome::kPending;
  ErasureOutcome pipedrive = ErasureOutcome::kPending;
  ErasureOutcome brevo = ErasureOutcome::kPending;
  ErasureTarget target;  // empty once it is finished
};

class Erasures {
 public:
  virtual ~Erasures() = default;

  // Deletes all that is held of the target (rows, events, failures, plans, import rows), leaves
  // tombstones of its addresses and ids, and keeps the erasure until it is finished; in one
  // transaction. `here` is set. ABORTED while the contact is leased or a row of it is in an open
  // import: what is on its way to Brevo would come after the erasure.
  virtual absl::StatusOr<Erasure> BeginErasure(std::string_view connection, const Erasure& erasure,
                                               Time now) = 0;
  // Stores outcomes; one without a pending outcome is finished, and its target is forgotten.
  virtual absl::StatusOr<Erasure> SaveErasure(std::string_view connection, const Erasure& erasure,
                                              Time now) = 0;
  // That left a tombstone of this address (in lower case) or EXT_ID; nullopt if none did.
  virtual absl::StatusOr<std::optional<Erasure>> FindErasure(std::string_view connection,
                                                             std::string_view identifier) = 0;
  // Oldest first.
  virtual absl::StatusOr<std::vector<Erasure>> UnfinishedErasures(std::string_view connection,
                                                                  int limit) = 0;
};

}  // namespace connector::store
