#pragma once

// What is done about a contact whose last person was deleted in Pipedrive.

#include "absl/status/statusor.h"
#include "http/caller.h"
#include "store/store.h"
#include "sync/accounts.h"
#include "sync/plan.h"
#include "sync/planning.h"

namespace connector::sync {

// The plan of a contact that no person stands behind any more. Pure. A contact that no person ever
// stood behind is left alone, and so is the loser of a merge.
void PlanRemoval(const Planning& planning, const store::ContactBundle& bundle, ContactPlan& plan);

enum class Removal {
  kRemoved,   // the contact is not in Brevo any more
  kWithdrawn  // a person is there after all, and was folded: the contact is dirty for it
};

// Carries out PlanAction::kDelete: the persons are read again first, and the contact is deleted
// only if Pipedrive has none of them. Errors are the vendors'.
absl::StatusOr<Removal> RemoveContact(const Accounts& accounts, const Planning& planning,
                                      const store::ContactBundle& bundle,
                                      const http::CallContext& context);

}  // namespace connector::sync
