#include "sync/plan_consent.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "mapping/custom_field.h"
#include "mapping/text.h"
#include "sync/plan.h"
#include "sync/planning.h"

namespace connector::sync {
namespace {

// Pipedrive's word (API v2, persons).
constexpr std::string_view kUnsubscribed = "unsubscribed";

bool HasOptions(const PipedriveField& field) { return field.type == "enum" || field.type == "set"; }

bool HoldsText(const PipedriveField& field) {
  return field.type == "varchar" || field.type == "varchar_auto" || field.type == "text";
}

bool SameWord(std::string_view a, std::string_view b) {
  return mapping::EqualsIgnoringCase(Trim(a), Trim(b));
}

bool HoldsOption(const CustomValue& value, int64_t option) {
  const auto* ids = std::get_if<OptionIds>(&value);
  return ids != nullptr && std::find(ids->ids.begin(), ids->ids.end(), option) != ids->ids.end();
}

void ResolveField(const ConsentSettings& settings, const AccountSchema& schema,
                  ConsentCarriers& consent, std::vector<std::string>& warnings) {
  if (settings.person_field.empty()) return;
  constexpr std::string_view kKey = "sync_options.consent.person_field: ";
  const mapping::CustomFieldSearch found =
      mapping::FindCustomFieldByName(schema.person_fields, settings.person_field, "person");
  if (found.field == nullptr) {
    warnings.push_back(absl::StrCat(ToAbsl(kKey), found.problem));
    return;
  }
  if (HasOptions(*found.field)) {
    const auto option = std::find_if(
        found.field->options.begin(), found.field->options.end(),
        [&](const FieldOption& known) { return SameWord(known.label, consent.value); });
    if (option == found.field->options.end() || !absl::SimpleAtoi(option->id, &consent.option)) {
      warnings.push_back(absl::StrCat(ToAbsl(kKey), "\"", found.field->name, "\" has no option \"",
                                      consent.value,
                                      "\"; add it, or name another as unsubscribed_value"));
      return;
    }
  } else if (!HoldsText(*found.field)) {
    warnings.push_back(absl::StrCat(ToAbsl(kKey), "\"", found.field->name,
                                    "\" is neither a text nor has it options"));
    return;
  }
  consent.field = *found.field;
}

bool IsCarried(const ConsentCarriers& consent, std::string_view carrier) {
  return carrier == kConsentStatus ? consent.marketing_status : consent.field.has_value();
}

bool OptedOut(const ConsentCarriers& consent, const Person& person) {
  return SaysOptedOut(consent, kConsentField, person) ||
         SaysOptedOut(consent, kConsentStatus, person);
}

std::string Held(const ConsentCarriers& consent, std::string_view carrier, const Person& person) {
  if (carrier == kConsentStatus) return person.marketing_status.value_or("");
  const CustomValue* const value = FindCustomField(person.custom_fields, consent.field->key);
  const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
  if (text != nullptr) return *text;
  for (const FieldOption& option : consent.field->options) {
    int64_t id = 0;
    if (value != nullptr && absl::SimpleAtoi(option.id, &id) && HoldsOption(*value, id)) {
      return option.label;
    }
  }
  return "";
}

// An address is needed for the status, which is the address's.
bool CanSay(std::string_view carrier, const Person& person) {
  return carrier != kConsentStatus || !person.emails.empty();
}

void Tell(const ConsentCarriers& consent, std::string_view carrier, const Person& person,
          bool blocked, ContactPlan& plan) {
  if (!IsCarried(consent, carrier)) return;
  if (!blocked) {
    std::erase_if(plan.state.fields,
                  [&](const FieldState& field) { return field.attribute == carrier; });
    return;
  }
  const Value told = absl::StrCat(person.id);
  if (SaysOptedOut(consent, carrier, person)) {
    FieldState& field = EnsureField(plan.state, carrier);
    field.base = told;
    field.refused.reset();
    return;
  }
  const FieldState* const known = FindField(plan.state, carrier);
  if (known != nullptr && (known->base == told || known->refused == told)) return;
  if (!CanSay(carrier, person)) return;
  const std::string_view word = carrier == kConsentStatus ? kUnsubscribed : consent.value;
  plan.pipedrive_fields.push_back({std::string(carrier), Held(consent, carrier, person),
                                   std::string(word), reconcile::MergeReason::kBrevoChanged});
}

CustomValue WrittenValue(const ConsentCarriers& consent, const Person& person) {
  if (!HasOptions(*consent.field)) return consent.value;
  OptionIds ids;
  const CustomValue* const held = FindCustomField(person.custom_fields, consent.field->key);
  // Of a set, the other options stay.
  if (consent.field->type == "set" && held != nullptr) {
    if (const auto* options = std::get_if<OptionIds>(held)) ids = *options;
  }
  ids.ids.push_back(consent.option);
  return ids;
}

}  // namespace

bool HasMarketingStatus(const AccountSchema& schema) {
  return std::any_of(schema.person_fields.begin(), schema.person_fields.end(),
                     [](const PipedriveField& field) { return field.key == "marketing_status"; });
}

ConsentCarriers ResolveConsent(const ConsentSettings& settings, const AccountSchema& schema,
                               std::vector<std::string>& warnings) {
  ConsentCarriers consent;
  consent.value = settings.unsubscribed_value;
  ResolveField(settings, schema, consent, warnings);
  consent.marketing_status = settings.marketing_status && HasMarketingStatus(schema);
  return consent;
}

bool IsConsent(std::string_view attribute) {
  return attribute == kConsentField || attribute == kConsentStatus;
}

bool SaysOptedOut(const ConsentCarriers& consent, std::string_view carrier, const Person& person) {
  if (!IsCarried(consent, carrier)) return false;
  if (carrier == kConsentStatus) return person.marketing_status == kUnsubscribed;
  const CustomValue* const value = FindCustomField(person.custom_fields, consent.field->key);
  if (value == nullptr) return false;
  if (HasOptions(*consent.field)) return HoldsOption(*value, consent.option);
  const auto* text = std::get_if<std::string>(value);
  return text != nullptr && SameWord(*text, consent.value);
}

void PlanConsent(const Planning& planning, const store::ContactBundle& bundle, ContactPlan& plan) {
  const ConsentCarriers& consent = planning.consent;
  const bool present = plan.state.existence == Existence::kPresent;
  const bool opted_out =
      std::any_of(bundle.persons.begin(), bundle.persons.end(),
                  [&](const Person& person) { return OptedOut(consent, person); });
  const bool blocked = plan.state.email_blacklisted;
  if (present ? opted_out && !blocked : opted_out || blocked) {
    plan.write.block_email = true;
    plan.fields.push_back(
        {std::string(kBlockedAttribute), false, true, reconcile::MergeReason::kPipedriveChanged});
  }
  if (!present) return;
  for (const std::string_view carrier : {kConsentField, kConsentStatus}) {
    Tell(consent, carrier, bundle.persons.front(), blocked || opted_out, plan);
  }
}

void AddConsent(const ConsentCarriers& consent, const Person& person, ContactPlan& plan) {
  for (const PlannedField& planned : plan.pipedrive_fields) {
    if (planned.attribute == kConsentStatus) {
      plan.person_write.marketing_status = std::string(kUnsubscribed);
    } else if (planned.attribute == kConsentField && consent.field) {
      auto& fields = plan.person_write.custom_fields;
      std::erase_if(fields, [&](const auto& field) { return field.first == consent.field->key; });
      fields.emplace_back(consent.field->key, WrittenValue(consent, person));
      std::sort(fields.begin(), fields.end(),
                [](const auto& a, const auto& b) { return a.first < b.first; });
    }
  }
}

}  // namespace connector::sync
