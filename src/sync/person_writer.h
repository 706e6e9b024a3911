#pragma once

#include <string>

#include "absl/status/status.h"
#include "http/caller.h"
#include "sync/accounts.h"
#include "sync/plan_batch.h"
#include "sync/planning.h"
#include "sync/tally.h"

namespace connector::sync {

// Writes into Pipedrive what of a contact was changed in Brevo, in one call for all fields, and
// keeps Pipedrive's answer, so that the webhook that follows is no news. Goes before the contact's
// own write: killed between the two, the next converge finds the fields agreed, or sends the same
// values once more.
class PersonWriter {
 public:
  PersonWriter(const Accounts& accounts, const Planning& planning, store::Store& store,
               Tally& tally)
      : accounts_(accounts), planning_(planning), store_(store), tally_(tally) {}

  // Leaves `contact` with the plan of what remains to be done in Brevo. An error concerns the
  // account or passes; the contact then has to stay dirty.
  absl::Status Write(PlannedContact& contact, const http::CallContext& context);

 private:
  // Reads the person before a write that replaces more than the change itself: a whole array, or
  // both parts of a name.
  absl::Status Refresh(PlannedContact& contact, const http::CallContext& context);
  // Books a refusal and takes what was refused out of the plan; an error is not about the record.
  absl::Status React(ContactPlan& plan, const absl::Status& error);
  absl::Status Keep(PlannedContact& contact, Person answer);
  // The field holds what Brevo holds, or Pipedrive's own form of it.
  void Agree(const ContactPlan& plan, FieldState& field, const std::optional<Value>& answered,
             const reconcile::Same& same, bool is_name);
  void AgreeConsent(ContactPlan& plan, const std::string& carrier, const Person& person);
  void Lose(const ContactPlan& plan, FailureReason reason, std::string field,
            const absl::Status& error);

  const Accounts& accounts_;
  const Planning& planning_;
  store::Store& store_;
  Tally& tally_;
};

}  // namespace connector::sync
