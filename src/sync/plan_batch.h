#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "store/store.h"
#include "sync/accounts.h"
#include "sync/plan.h"
#include "sync/planning.h"

namespace connector::sync {

// A dirty contact with its plan.
struct PlannedContact {
  store::ContactBundle bundle;
  ContactPlan plan;
  // Claimed for this contact; those the write does not use after all are released with the
  // settlement.
  std::vector<Identifier> claimed;
  bool person_written = false;  // what belonged into Pipedrive is there
};

// Maps each contact, claims the identifiers it wants, and plans.
absl::StatusOr<std::vector<PlannedContact>> PlanBatch(const Accounts& accounts,
                                                      const Planning& planning, store::Store& store,
                                                      std::vector<store::ContactBundle> bundles);

// Plans the contact anew from its bundle and the plan's state.
absl::Status Replan(const Accounts& accounts, const Planning& planning, store::Store& store,
                    PlannedContact& contact);

// Of the claimed identifiers, those the state does not own in the end.
std::vector<Identifier> Unused(const std::vector<Identifier>& claimed, const ContactState& state);

}  // namespace connector::sync
