#pragma once

#include "absl/status/status.h"
#include "http/caller.h"
#include "sync/accounts.h"
#include "sync/plan_batch.h"
#include "sync/planning.h"
#include "sync/tally.h"

namespace connector::sync {

// Writes one contact by POST or PUT, looking first where the outcome would be in doubt, and
// dropping what Brevo refuses so that the rest is written.
class SingleWriter {
 public:
  SingleWriter(const Accounts& accounts, const Planning& planning, store::Store& store,
               Tally& tally)
      : accounts_(accounts), planning_(planning), store_(store), tally_(tally) {}

  // The settlement to be committed. An error concerns the account or the process, not this contact:
  // nothing is settled then and the contact stays dirty.
  absl::StatusOr<store::Settlement> Write(PlannedContact contact, const http::CallContext& context);

 private:
  // What one attempt came to.
  enum class Step { kDone, kReplan, kGivenUp };
  // A contact on its way through the attempts.
  struct Work {
    PlannedContact contact;
    PlanAction intended = PlanAction::kNothing;
    bool may_have_arrived = false;  // an attempt ended without saying so
  };

  absl::StatusOr<Step> Attempt(Work& work, const http::CallContext& context);
  // Deletes the contact, if its persons are gone indeed.
  absl::StatusOr<Step> Remove(Work& work, const http::CallContext& context);
  absl::Status Send(ContactPlan& plan, const http::CallContext& context);
  // Blocks again who was to stay blocked and is not.
  absl::Status VerifyBlock(ContactPlan& plan, const http::CallContext& context);
  absl::StatusOr<Step> React(Work& work, const absl::Status& error,
                             const http::CallContext& context);
  absl::StatusOr<Step> Repair(Work& work, const absl::Status& error);
  absl::StatusOr<Step> Look(Work& work, const brevo::ContactId& id,
                            const http::CallContext& context);
  absl::StatusOr<Step> Replan(Work& work);
  Step GiveUp(const ContactPlan& plan, const absl::Status& error);
  void Count(const Work& work);

  const Accounts& accounts_;
  const Planning& planning_;
  store::Store& store_;
  Tally& tally_;
};

}  // namespace connector::sync
