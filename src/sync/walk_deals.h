#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sync/accounts.h"
#include "sync/planning.h"
#include "sync/run_session.h"

namespace connector::sync {

// Which deals, and what is read beside them.
struct DealsWalk {
  bool full = true;           // all deals; those stored and not found are concluded to be gone
  std::optional<Time> since;  // not full: those changed since
  std::optional<int64_t> filter_id;
  std::vector<int64_t> ids;
  bool counts_records = true;  // a run of deals: they are the records it reads
  // Persons of deals that nobody has brought yet are read, too, if the deal has changed since:
  // until then the persons were read, and a stranger is one that the token may not see.
  std::optional<Time> reads_persons_since;

  bool filtered() const { return filter_id || !ids.empty(); }
};

// What a walk that is not filtered has to read so that the table is whole and up to date.
absl::StatusOr<DealsWalk> UnfilteredDealsWalk(RunSession& session, const Accounts& accounts);

// True if the table was brought up to date so lately that another look is not worth its calls.
absl::StatusOr<bool> DealsAreFresh(RunSession& session, const Accounts& accounts);

// Reads deals into the table, a page at a time: current ones, archived ones and, after the first
// walk, those deleted within the last 30 days. At the end of a walk that was not filtered the table
// is whole, and says so. Costs deals / 500 + 3 calls when all are read, 3 when nothing has changed.
absl::Status WalkDeals(const Accounts& accounts, const Planning& planning, RunSession& session,
                       const DealsWalk& walk);

}  // namespace connector::sync
