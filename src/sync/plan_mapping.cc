// Persons as plans see them, and the way back.

#include <algorithm>
#include <utility>

#include "mapping/person_patch.h"
#include "sync/plan.h"

namespace connector::sync {

MappedContact MapContact(const Planning& planning, const store::ContactBundle& bundle,
                         mapping::PhoneNormalizer& phones) {
  MappedContact mapped;
  if (bundle.persons.empty()) return mapped;
  const Person& person = bundle.persons.front();
  mapped.email = mapping::ChooseEmail(person);
  mapping::DealTotals deals;
  if (bundle.deals_known) {
    deals = mapping::TotalsOf(bundle.deals.front(), planning.schema, planning.currency_rates);
  }
  mapping::LeadFields leads;
  if (bundle.leads_known) leads = mapping::FieldsOf(bundle.leads.front(), planning.schema);
  mapped.values = mapping::MapPerson(
      planning.map, person, bundle.organizations.empty() ? nullptr : &bundle.organizations.front(),
      phones, bundle.deals_known ? &deals : nullptr, bundle.leads_known ? &leads : nullptr);
  const auto want = [&mapped](Identifier::Kind kind, std::string value) {
    if (!value.empty()) mapped.identifiers.push_back({kind, std::move(value)});
  };
  want(Identifier::Kind::kEmail, mapped.email.email);
  if (bundle.state.ext_id.empty()) want(Identifier::Kind::kExtId, planning.ExtIdOf(person.id));
  for (size_t i = 0; i < mapped.values.size(); ++i) {
    const auto kind = IdentifierKindOf(planning.map.fields[i].attribute.name);
    if (kind && !IsEmpty(mapped.values[i].value)) {
      want(*kind, PhoneDigits(ToText(mapped.values[i].value)));
    }
  }
  return mapped;
}

void PlanPersonWrite(const Planning& planning, const Person& person,
                     mapping::PhoneNormalizer& phones, ContactPlan& plan) {
  const std::vector<mapping::ResolvedField>& fields = planning.map.fields;
  std::vector<mapping::PersonChange> changes;
  std::optional<std::string> email;
  for (const PlannedField& planned : plan.pipedrive_fields) {
    if (IsConsent(planned.attribute)) continue;
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const auto& candidate) {
      return candidate.attribute.name == planned.attribute;
    });
    if (field == fields.end()) {
      email = ToText(planned.after);
    } else {
      changes.push_back({static_cast<size_t>(field - fields.begin()), planned.after});
    }
  }
  mapping::PersonPatch patch = mapping::MakePersonPatch(
      planning.map, person, changes, email, phones, planning.schema.account.default_currency);
  plan.person_write = std::move(patch.write);
  AddConsent(planning.consent, person, plan);
  for (mapping::PersonLoss& loss : patch.losses) {
    if (!loss.partly) {
      std::erase_if(plan.pipedrive_fields, [&](const PlannedField& planned) {
        return planned.attribute == loss.attribute;
      });
    }
    plan.losses.push_back({std::move(loss.attribute), loss.reason, std::move(loss.detail)});
  }
}

}  // namespace connector::sync
