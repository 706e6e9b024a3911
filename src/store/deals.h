#pragma once

// The table of deals: what counts, revenue and stage lists are computed from.
//
// Errors and threads as in store/store.h.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "model/deal.h"

namespace connector::store {

struct Cursor;
struct RunLease;
struct RunUpdate;

// The watermark up to which all deals are known. While it is not set the table is not whole, and
// nothing is concluded from it.
inline constexpr std::string_view kDealsSince = "deals.updated_since";

// The outcome of folding deals.
struct DealFold {
  int64_t fresh = 0;  // not known before
  int64_t changed = 0;
  int64_t unchanged = 0;
  int64_t stale = 0;  // older than what is stored: not taken
};

// That a deal came into a stage.
struct StageMove {
  int64_t deal_id = 0;
  int64_t from = 0;  // stage; 0: not known, or the deal was new
  int64_t to = 0;
  Time at{};
  bool operator==(const StageMove&) const = default;
};

class Deals {
 public:
  virtual ~Deals() = default;

  // Stores what changed (a row older than the stored update_time is stale and not taken), books
  // stage moves, and marks the contacts of the persons before and after for the run where counts,
  // revenue or lists may come out differently. A deleted deal stays as a tombstone, so that no late
  // message revives it; one without update_time keeps the stored one. With `sees_all`, notes for
  // DealsNotSeen that the run saw these deals.
  virtual absl::StatusOr<DealFold> FinishDealsPage(const RunUpdate& update, std::string_view walk,
                                                   const Cursor& cursor,
                                                   const std::vector<Deal>& page,
                                                   bool sees_all) = 0;
  // The same outside a run: marks are prompt and for whoever comes first.
  virtual absl::StatusOr<DealFold> FoldDeals(std::string_view connection,
                                             const std::vector<Deal>& deals) = 0;
  // Stored deals, by id, that are not deleted and that the run has not seen.
  virtual absl::StatusOr<std::vector<int64_t>> DealsNotSeen(const RunLease& lease, int64_t after_id,
                                                            int limit) = 0;
  virtual absl::StatusOr<std::optional<Deal>> FindDeal(std::string_view connection, int64_t id) = 0;
  // By time.
  virtual absl::StatusOr<std::vector<StageMove>> StageMovesOf(std::string_view connection,
                                                              int64_t deal_id) = 0;
};

}  // namespace connector::store
