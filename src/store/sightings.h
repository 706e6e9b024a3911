#pragma once

// What a run of everything has seen of both accounts: what is stored and was not seen may be gone
// there. Neither vendor lists what was deleted.
//
// Errors and threads as in store/store.h.

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace connector::store {

struct RunLease;

// Whose ids.
enum class Sighted : uint8_t {
  kPersons = 1,   // Pipedrive's
  kContacts = 2,  // Brevo's
};

// Some of what is stored, held against what the run saw.
struct UnseenPage {
  std::vector<int64_t> ids;  // stored, not deleted, and not seen; ascending
  int64_t compared = 0;      // stored records that were held against it; 0 at the end
  int64_t last_id = 0;       // of them
};

class Sightings {
 public:
  virtual ~Sightings() = default;

  // Notes a page, as one row: no row of a person or contact is rewritten. Pages may come again.
  // What earlier runs noted is forgotten, and all of it when the run ends.
  virtual absl::Status NoteSeen(const RunLease& lease, Sighted what, std::vector<int64_t> ids) = 0;
  // Compares the next `limit` stored records behind `after_id`. Of contacts, those whose Brevo id
  // is known.
  virtual absl::StatusOr<UnseenPage> UnseenAfter(const RunLease& lease, Sighted what,
                                                 int64_t after_id, int limit) = 0;
};

}  // namespace connector::store
