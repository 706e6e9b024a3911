// Plans as a dry run shows them.

#include <utility>

#include "sync/plan.h"

namespace connector::sync {

PlannedChange DescribeSkip(int64_t person_id, std::string email, SkipReason reason,
                           std::string why) {
  PlannedChange change;
  change.person_id = person_id;
  change.email = std::move(email);
  change.action = PlannedChange::Action::kSkip;
  change.skip = reason;
  change.reason = std::move(why);
  return change;
}

PlannedChange Describe(const ContactPlan& plan, Road road) {
  PlannedChange change;
  change.person_id = plan.person_id;
  change.email = plan.email;
  switch (plan.action) {
    case PlanAction::kNothing:
      change.action = plan.pipedrive_fields.empty() ? PlannedChange::Action::kUnchanged
                                                    : PlannedChange::Action::kUpdate;
      break;
    case PlanAction::kCreate:
      change.action = PlannedChange::Action::kCreate;
      break;
    case PlanAction::kUpdate:
      change.action = PlannedChange::Action::kUpdate;
      break;
    case PlanAction::kSkip:
      change.action = PlannedChange::Action::kSkip;
      change.skip = plan.skip;
      break;
    case PlanAction::kDelete:
      change.action = PlannedChange::Action::kDelete;
      break;
  }
  for (const PlannedField& field : plan.fields) {
    change.fields.push_back({field.attribute, ToText(field.before), ToText(field.after),
                             std::string(reconcile::MergeReasonName(field.reason))});
  }
  for (const PlannedField& field : plan.pipedrive_fields) {
    change.fields.push_back({field.attribute, ToText(field.before), ToText(field.after),
                             std::string(reconcile::MergeReasonName(field.reason)),
                             /*to_pipedrive=*/true});
  }
  for (const FieldLoss& loss : plan.losses) {
    change.dropped.push_back({loss.attribute, loss.reason, loss.detail});
  }
  change.join_lists = plan.write.join_lists;
  change.leave_lists = plan.write.leave_lists;
  if (road == Road::kNone && !plan.pipedrive_fields.empty()) change.reason = "write to Pipedrive";
  if (road == Road::kImport) change.reason = "import";
  if (road == Road::kSingle) change.reason = "single write";
  return change;
}

}  // namespace connector::sync
