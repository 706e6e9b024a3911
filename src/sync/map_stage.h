#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "http/caller.h"
#include "model/deal.h"
#include "reconcile/lists.h"
#include "sync/accounts.h"
#include "sync/planning.h"

namespace connector::sync {

// Bring the contact of this deal's person to the right lists.
struct DealTarget {
  int64_t deal_id = 0;
  bool dry_run = false;  // say what would be done instead
};

// Which lists would a person be on with such a deal beside its others?
struct ImaginedDeal {
  int64_t person_id = 0;
  DealStatus status = DealStatus::kOpen;
  int64_t stage_id = 0;     // of an open one
  int64_t pipeline_id = 0;  // 0: the stage's own
};

using StageQuestion = std::variant<DealTarget, ImaginedDeal>;

struct StageAnswer {
  int64_t person_id = 0;  // 0: the deal has none
  std::string email;      // "" if the person has no contact
  std::vector<reconcile::ListReason> joined;
  std::vector<reconcile::ListReason> left;
  std::vector<reconcile::ListReason> kept;      // it is on them, rightly
  std::vector<reconcile::ListReason> withheld;  // wanted, and it left them by its own hand
  bool applied = false;                         // something was written
  std::vector<std::string> warnings;
};

// On whose behalf both vendors are called, and how long.
struct StageContext {
  http::CallContext pipedrive;
  http::CallContext brevo;
  std::string owner;  // of the contact's lease; of its own for every call
};

// A deal is read again and folded, its person too if nobody has brought it, then its contact is
// converged: lists, and whatever else differs. Asked again it changes nothing. Blocks. Errors:
// NOT_FOUND (no such deal or person), FAILED_PRECONDITION (deals are not synced, or have never been
// read), UNAVAILABLE (the contact is being written by others until the deadline), and the vendors'.
absl::StatusOr<StageAnswer> MapStage(const Accounts& accounts, const Planning& planning,
                                     const StageQuestion& question, const StageContext& context);

}  // namespace connector::sync
