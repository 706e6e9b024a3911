#include "sync/single_writer.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "sync/delete_policy.h"

namespace connector::sync {
namespace {

// Look, write, repair one value, write again: more rounds than that would be a quarrel with Brevo.
constexpr int kMaxRounds = 5;

// How a path names a contact best: the number, else the address, else the id we gave it.
brevo::ContactId IdOf(const ContactState& state) {
  if (state.brevo_id != 0) {
    return {brevo::ContactId::Type::kBrevoId, absl::StrCat(state.brevo_id)};
  }
  if (state.email.empty()) return {brevo::ContactId::Type::kExtId, state.ext_id};
  return {brevo::ContactId::Type::kEmail, state.email};
}

// How to look for a contact whose write may have arrived, or that is there though it was not known.
brevo::ContactId IdAfter(const ContactPlan& plan) {
  if (!plan.email.empty()) return {brevo::ContactId::Type::kEmail, plan.email};
  return {brevo::ContactId::Type::kExtId, plan.write.ext_id.value_or(plan.state.ext_id)};
}

// What the write says of an attribute; EMAIL and EXT_ID included.
Value WrittenValue(const ContactWrite& write, std::string_view attribute) {
  if (attribute == "EMAIL") return write.email;
  if (attribute == "EXT_ID") return write.ext_id ? Value{*write.ext_id} : Value{};
  for (const auto& [name, value] : write.attributes) {
    if (name == attribute) return value;
  }
  return {};
}

FailureReason LossOf(std::string_view field, Reaction reaction) {
  if (field == "EMAIL") return FailureReason::kIdentifierConflict;
  if (field == "EXT_ID") return FailureReason::kDuplicateExtId;
  if (IdentifierKindOf(field)) {
    return reaction == Reaction::kConflict ? FailureReason::kDuplicatePhone
                                           : FailureReason::kInvalidPhone;
  }
  return FailureReason::kInvalidValue;
}

// "email", "EMAIL" and "sms" name the same things in different answers.
std::string AttributeNameOf(std::string_view field) {
  std::string name(field);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return name;
}

}  // namespace

absl::StatusOr<store::Settlement> SingleWriter::Write(PlannedContact contact,
                                                      const http::CallContext& context) {
  Work work{.contact = std::move(contact)};
  work.intended = work.contact.plan.action;
  Step step = Step::kReplan;
  if (work.contact.plan.look_first) {
    CONNECTOR_ASSIGN_OR_RETURN(step, Look(work, IdOf(work.contact.plan.state), context));
  }
  for (int round = 0; step == Step::kReplan && round < kMaxRounds; ++round) {
    CONNECTOR_ASSIGN_OR_RETURN(step, Attempt(work, context));
  }
  if (step == Step::kReplan) {
    step = GiveUp(work.contact.plan, absl::AbortedError("Brevo's answers contradict each other"));
  }
  if (step == Step::kDone) Count(work);
  store::Settlement settlement;
  settlement.version = work.contact.bundle.version;
  settlement.binding = work.contact.plan.binding;
  settlement.state = std::move(work.contact.plan.state);
  settlement.before = std::move(work.contact.bundle.state);
  settlement.released = Unused(work.contact.claimed, settlement.state);
  return settlement;
}

void SingleWriter::Count(const Work& work) {
  PlanAction outcome = work.contact.plan.action;
  if (outcome == PlanAction::kNothing && work.may_have_arrived) outcome = work.intended;
  switch (outcome) {
    case PlanAction::kCreate:
      return tally_.Created();
    case PlanAction::kUpdate:
    case PlanAction::kDelete:
      return tally_.Updated();
    case PlanAction::kNothing:
      return tally_.Unchanged();
    case PlanAction::kSkip:
      return tally_.Skipped(work.contact.plan.skip.value_or(SkipReason::kInvalidEmail));
  }
}

absl::StatusOr<SingleWriter::Step> SingleWriter::Attempt(Work& work,
                                                         const http::CallContext& context) {
  ContactPlan& plan = work.contact.plan;
  if (RoadOf(planning_, plan) == Road::kNone) return Step::kDone;
  if (plan.action == PlanAction::kDelete) return Remove(work, context);
  const absl::Status sent = Send(plan, context);
  if (!sent.ok()) return React(work, sent, context);
  RecordWrite(plan.state, plan.write);
  if (plan.write.keep_email_block) CONNECTOR_RETURN_IF_ERROR(VerifyBlock(plan, context));
  return Step::kDone;
}

absl::Status SingleWriter::VerifyBlock(ContactPlan& plan, const http::CallContext& context) {
  const brevo::ContactId id = IdOf(plan.state);
  CONNECTOR_ASSIGN_OR_RETURN(const Contact seen, accounts_.brevo.GetContact(id, context));
  if (seen.email_blacklisted) return absl::OkStatus();
  accounts_.log.Warning("Brevo unblocked a contact whose address changed; blocked again",
                        {{"contact", plan.state.key}});
  ContactWrite block;
  block.keep_email_block = true;
  return accounts_.brevo.UpdateContact(id, block, context);
}

absl::StatusOr<SingleWriter::Step> SingleWriter::Remove(Work& work,
                                                        const http::CallContext& context) {
  ContactPlan& plan = work.contact.plan;
  const absl::StatusOr<Removal> removal =
      RemoveContact(accounts_, planning_, work.contact.bundle, context);
  if (removal.ok() && *removal == Removal::kRemoved) return Step::kDone;
  plan.binding = store::Binding::kKeep;
  if (removal.ok()) return Step::kGivenUp;
  if (ReactionOf(removal.status()) != Reaction::kFailRecord) return removal.status();
  return GiveUp(plan, removal.status());
}

absl::Status SingleWriter::Send(ContactPlan& plan, const http::CallContext& context) {
  if (plan.action == PlanAction::kUpdate) {
    return accounts_.brevo.UpdateContact(IdOf(plan.state), plan.write, context);
  }
  CONNECTOR_ASSIGN_OR_RETURN(plan.state.brevo_id,
                             accounts_.brevo.CreateContact(plan.write, context));
  return absl::OkStatus();
}

absl::StatusOr<SingleWriter::Step> SingleWriter::React(Work& work, const absl::Status& error,
                                                       const http::CallContext& context) {
  ContactPlan& plan = work.contact.plan;
  switch (ReactionOf(error)) {
    case Reaction::kGone:
      plan.state.existence = Existence::kAbsent;
      plan.state.brevo_id = 0;
      return Replan(work);
    case Reaction::kAmbiguous:
      work.may_have_arrived = true;
      return Look(work, IdAfter(plan), context);
    case Reaction::kConflict: {
      const std::string field = AttributeNameOf(FieldOf(error));
      if (plan.action == PlanAction::kCreate && field == "EMAIL") {
        return Look(work, IdAfter(plan), context);
      }
      if (plan.action == PlanAction::kCreate && field == "EXT_ID" && plan.write.ext_id) {
        return Look(work, {brevo::ContactId::Type::kExtId, *plan.write.ext_id}, context);
      }
      return Repair(work, error);
    }
    case Reaction::kRepair:
      return Repair(work, error);
    case Reaction::kFailRecord:
      return GiveUp(plan, error);
    case Reaction::kRetry:
    case Reaction::kPauseAccount:
    case Reaction::kNone:
      break;
  }
  return error;
}

// Leaves out the value Brevo named and plans the rest anew.
absl::StatusOr<SingleWriter::Step> SingleWriter::Repair(Work& work, const absl::Status& error) {
  ContactPlan& plan = work.contact.plan;
  const std::string field = AttributeNameOf(FieldOf(error));
  const Value refused = WrittenValue(plan.write, field);
  if (IsEmpty(refused)) return GiveUp(plan, error);
  RecordRefusal(plan.state, field, refused);
  tally_.Failed("person", absl::StrCat(plan.person_id), LossOf(field, ReactionOf(error)), field,
                std::string(ToStd(error.message())));
  return Replan(work);
}

// Folds what Brevo holds into the state and plans anew; nothing there means it is to be created.
absl::StatusOr<SingleWriter::Step> SingleWriter::Look(Work& work, const brevo::ContactId& id,
                                                      const http::CallContext& context) {
  const absl::StatusOr<Contact> seen = accounts_.brevo.GetContact(id, context);
  ContactState& state = work.contact.plan.state;
  if (seen.ok()) {
    state = FoldContact(planning_, state, *seen, nullptr);
  } else if (absl::IsNotFound(seen.status())) {
    state.existence = Existence::kAbsent;
    state.brevo_id = 0;
  } else {
    return seen.status();
  }
  CONNECTOR_ASSIGN_OR_RETURN(const Step step, Replan(work));
  work.contact.plan.look_first = false;
  return step;
}

absl::StatusOr<SingleWriter::Step> SingleWriter::Replan(Work& work) {
  CONNECTOR_RETURN_IF_ERROR(sync::Replan(accounts_, planning_, store_, work.contact));
  return Step::kReplan;
}

SingleWriter::Step SingleWriter::GiveUp(const ContactPlan& plan, const absl::Status& error) {
  tally_.Failed("person", absl::StrCat(plan.person_id), FailureReason::kRejectedByBrevo,
                FieldOf(error), std::string(ToStd(error.message())));
  return Step::kGivenUp;
}

}  // namespace connector::sync
