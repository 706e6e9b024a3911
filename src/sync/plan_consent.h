#pragma once

// Consent, which only ever tightens: an opt-out on either side reaches the other, and nothing lifts
// one. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/person.h"
#include "model/schema.h"
#include "store/contact_bundle.h"
#include "sync/two_way_settings.h"

namespace connector::sync {

struct ContactPlan;
struct Planning;

// How an opt-out is said in this account of Pipedrive.
struct ConsentCarriers {
  std::optional<PipedriveField> field;  // a custom field of persons
  std::string value;                    // what it holds then, as people see it
  int64_t option = 0;                   // of a field with options: the id behind `value`
  bool marketing_status = false;
};

// Pipedrive's own status is there only with its Campaigns add-on.
bool HasMarketingStatus(const AccountSchema& schema);

// What cannot be resolved is a warning, and is left out.
ConsentCarriers ResolveConsent(const ConsentSettings& settings, const AccountSchema& schema,
                               std::vector<std::string>& warnings);

// The carriers' names among the fields of a plan and of a contact's state. There the base is the
// person that the contact's block was told of, and `refused` the one that it could not be told of.
inline constexpr std::string_view kConsentField = "consent.person_field";
inline constexpr std::string_view kConsentStatus = "consent.marketing_status";
bool IsConsent(std::string_view attribute);
// The block itself, among the fields that change in Brevo.
inline constexpr std::string_view kBlockedAttribute = "emailBlacklisted";

// Whether the person says by this carrier that it opted out.
bool SaysOptedOut(const ConsentCarriers& consent, std::string_view carrier, const Person& person);

// Blocks the contact if one of its persons opted out, and a contact that is made again if the one
// before was blocked. Tells the person that gives the fields of a block, once for each block: who
// takes it back in Pipedrive is not contradicted, though the contact stays blocked.
void PlanConsent(const Planning& planning, const store::ContactBundle& bundle, ContactPlan& plan);

// Adds what the plan wants said to its person.
void AddConsent(const ConsentCarriers& consent, const Person& person, ContactPlan& plan);

}  // namespace connector::sync
