#include "sync/person_writer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "sync/walk_parts.h"

namespace connector::sync {
namespace {

constexpr std::string_view kEmail = "EMAIL";
// Each round leaves out what the one before was refused for.
constexpr int kMaxRounds = 5;

bool ReplacesMore(const PersonWrite& write) {
  return write.emails || write.phones || write.first_name || write.last_name;
}

bool IsName(mapping::SourceKind source) {
  return source == mapping::SourceKind::kName || source == mapping::SourceKind::kFirstName ||
         source == mapping::SourceKind::kLastName;
}

const mapping::ResolvedField* FieldOfAttribute(const Planning& planning,
                                               std::string_view attribute) {
  const auto found =
      std::find_if(planning.map.fields.begin(), planning.map.fields.end(),
                   [&](const auto& field) { return field.attribute.name == attribute; });
  return found == planning.map.fields.end() ? nullptr : &*found;
}

// What Pipedrive calls the field an attribute is written to.
std::string PipedriveNameOf(const Planning& planning, std::string_view attribute) {
  if (attribute == kConsentStatus) return "marketing_status";
  if (attribute == kConsentField && planning.consent.field) return planning.consent.field->key;
  const mapping::ResolvedField* const field = FieldOfAttribute(planning, attribute);
  if (field == nullptr) return "email";
  if (IsName(field->source)) return "name";
  return field->source == mapping::SourceKind::kPhone ? "phone" : field->custom_field.key;
}

// Not to be tried again until somebody asks for it, or the contact is unblocked and blocked anew.
void RefuseConsent(ContactPlan& plan, std::string_view carrier) {
  FieldState& field = EnsureField(plan.state, carrier);
  field.base.reset();
  field.refused = Value{absl::StrCat(plan.person_id)};
}

// Takes a field out of a write; `name` as Pipedrive names it. False if it is not in there.
bool Drop(PersonWrite& write, std::string_view name) {
  const PersonWrite before = write;
  if (name == "name") {
    write.name.reset();
    write.first_name.reset();
    write.last_name.reset();
  } else if (name == "email") {
    write.emails.reset();
  } else if (name == "phone") {
    write.phones.reset();
  } else if (name == "marketing_status") {
    write.marketing_status.reset();
  } else {
    std::erase_if(write.custom_fields, [&](const auto& field) { return field.first == name; });
  }
  return write != before;
}

}  // namespace

absl::Status PersonWriter::Write(PlannedContact& contact, const http::CallContext& context) {
  if (ReplacesMore(contact.plan.person_write)) {
    CONNECTOR_RETURN_IF_ERROR(Refresh(contact, context));
  }
  for (int round = 0; !contact.plan.person_write.empty() && round < kMaxRounds; ++round) {
    absl::StatusOr<Person> answer = accounts_.person_writes.UpdatePerson(
        contact.plan.person_id, contact.plan.person_write, PersonSelection(planning_), context);
    if (answer.ok()) return Keep(contact, *std::move(answer));
    CONNECTOR_RETURN_IF_ERROR(React(contact.plan, answer.status()));
  }
  contact.plan.person_write = {};
  return absl::OkStatus();
}

absl::Status PersonWriter::Refresh(PlannedContact& contact, const http::CallContext& context) {
  pipedrive::PersonsQuery query;
  query.selection = PersonSelection(planning_);
  query.ids = {contact.plan.person_id};
  CONNECTOR_ASSIGN_OR_RETURN(auto page, accounts_.pipedrive.ListPersons(query, "", context));
  Person& known = contact.bundle.persons.front();
  for (Person& person : page.records) {
    if (person.id != known.id || person.is_deleted || person == known) continue;
    known = std::move(person);
    return Replan(accounts_, planning_, store_, contact);
  }
  return absl::OkStatus();
}

void PersonWriter::Lose(const ContactPlan& plan, FailureReason reason, std::string field,
                        const absl::Status& error) {
  tally_.Failed("person", absl::StrCat(plan.person_id), reason, std::move(field),
                std::string(ToStd(error.message())));
}

absl::Status PersonWriter::React(ContactPlan& plan, const absl::Status& error) {
  const Reaction reaction = ReactionOf(error);
  if (absl::IsNotFound(error) || reaction == Reaction::kGone) {
    Lose(plan, FailureReason::kNotFound, "", error);
    plan.person_write = {};
    return absl::OkStatus();
  }
  if (reaction != Reaction::kRepair && reaction != Reaction::kFailRecord &&
      reaction != Reaction::kConflict && reaction != Reaction::kNone) {
    return error;
  }
  std::string field = FieldOf(error);
  if (field == "emails") field = "email";
  if (field == "phones") field = "phone";
  // The most likely to be refused as a whole, by an account that has lost its add-on.
  if (field.empty() && plan.person_write.marketing_status) field = "marketing_status";
  if (field.empty() || !Drop(plan.person_write, field)) {
    Lose(plan, FailureReason::kRejectedByPipedrive, field, error);
    plan.person_write = {};
    return absl::OkStatus();
  }
  const bool custom =
      field != "name" && field != "email" && field != "phone" && field != "marketing_status";
  std::erase_if(plan.pipedrive_fields, [&](const PlannedField& planned) {
    if (PipedriveNameOf(planning_, planned.attribute) != field) return false;
    Lose(plan, custom ? FailureReason::kFieldMissing : FailureReason::kInvalidValue,
         planned.attribute, error);
    if (IsConsent(planned.attribute)) RefuseConsent(plan, planned.attribute);
    return true;
  });
  return absl::OkStatus();
}

void PersonWriter::Agree(const ContactPlan& plan, FieldState& field,
                         const std::optional<Value>& answered, const reconcile::Same& same,
                         bool is_name) {
  if (field.unconfirmed) return;
  field.base = field.seen;
  field.refused.reset();
  if (!answered || (IsEmpty(*answered) && IsEmpty(field.seen)) || same(*answered, field.seen)) {
    return;
  }
  // Pipedrive's own form of the value must not come back as a change made there.
  field.refused = *answered;
  // It splits names anew, by rules of its own.
  if (is_name) return;
  const auto loss = std::find_if(plan.losses.begin(), plan.losses.end(), [&](const auto& lost) {
    return lost.attribute == field.attribute;
  });
  if (loss != plan.losses.end()) {
    return tally_.Failed("person", absl::StrCat(plan.person_id), loss->reason, loss->attribute,
                         loss->detail);
  }
  Lose(plan, FailureReason::kInvalidValue, field.attribute,
       absl::InvalidArgumentError("Pipedrive took the write and shows another value"));
}

// Pipedrive may accept a marketing status and keep what it had.
void PersonWriter::AgreeConsent(ContactPlan& plan, const std::string& carrier,
                                const Person& person) {
  if (SaysOptedOut(planning_.consent, carrier, person)) {
    FieldState& field = EnsureField(plan.state, carrier);
    field.base = Value{absl::StrCat(person.id)};
    field.refused.reset();
    return;
  }
  RefuseConsent(plan, carrier);
  Lose(plan, FailureReason::kInvalidValue, carrier,
       absl::InvalidArgumentError("Pipedrive took the opt-out and does not show it; the contact "
                                  "is blocked in Brevo all the same"));
}

absl::Status PersonWriter::Keep(PlannedContact& contact, Person answer) {
  Person& person = contact.bundle.persons.front();
  // An answer has not all that a page has.
  if (!answer.marketing_status) answer.marketing_status = person.marketing_status;
  if (!answer.won_deals_count) {
    answer.won_deals_count = person.won_deals_count;
    answer.lost_deals_count = person.lost_deals_count;
    answer.open_deals_count = person.open_deals_count;
    answer.closed_deals_count = person.closed_deals_count;
  }
  person = std::move(answer);
  ContactPlan& plan = contact.plan;
  const MappedContact mapped = MapContact(planning_, contact.bundle, accounts_.phones);
  static const reconcile::Same kSameText = [](const Value& a, const Value& b) { return a == b; };
  for (const PlannedField& planned : plan.pipedrive_fields) {
    if (IsConsent(planned.attribute)) {
      AgreeConsent(plan, planned.attribute, person);
      continue;
    }
    FieldState& field = EnsureField(plan.state, planned.attribute);
    const mapping::ResolvedField* const of = FieldOfAttribute(planning_, planned.attribute);
    if (of == nullptr) {
      Agree(plan, field, Value{mapped.email.email}, kSameText, false);
      continue;
    }
    const auto index = static_cast<size_t>(of - planning_.map.fields.data());
    Agree(plan, field, mapped.values[index].Wanted(), planning_.same[index], IsName(of->source));
  }
  contact.person_written = true;
  tally_.PersonUpdated();
  CONNECTOR_RETURN_IF_ERROR(store_.KeepPersonWrite(accounts_.settings.connection,
                                                   MakePersonRow(planning_, person),
                                                   contact.bundle.state, plan.state));
  contact.bundle.state = plan.state;
  CONNECTOR_RETURN_IF_ERROR(Replan(accounts_, planning_, store_, contact));
  // What Pipedrive couldn't hold is told with the new plan, and is not tried twice in a row.
  contact.plan.person_write = {};
  return absl::OkStatus();
}

}  // namespace connector::sync
