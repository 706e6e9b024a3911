#pragma once

// The `person_mapping` section as the operator wrote it, and what it means against the schemas of
// both accounts.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/schema.h"

namespace connector::mapping {

enum class Direction { kToBrevo, kBoth, kToPipedrive };
enum class ConflictPolicy { kPipedriveWins, kBrevoWins, kLatestWins };

// One line of the mapping.
struct FieldRule {
  std::string source;     // "first_name", "org_id.name", "custom_fields.lead_source"
  std::string attribute;  // "FIRSTNAME"; the e-mail's target is "email" in any spelling
  Direction direction = Direction::kBoth;
  ConflictPolicy on_conflict = ConflictPolicy::kPipedriveWins;
  int line = 0;  // in the configuration file, for messages
};

// The built-in sources, in alphabetical order: what may stand left of the colon beside
// `custom_fields.X` and `org_id.custom_fields.X`.
const std::vector<std::string_view>& KnownSources();

// True for sources that flow to Brevo only: counts, revenue, org_id.*, lead.*, owner, ids.
bool IsToBrevoOnly(std::string_view source);

// Where a mapped value comes from.
enum class SourceKind {
  kName,
  kFirstName,
  kLastName,
  kPhone,
  kWonDealsCount,
  kLostDealsCount,
  kOpenDealsCount,
  kClosedDealsCount,
  kTotalRevenue,
  kOrganizationName,
  kOrganizationAddress,
  kOrganizationWebsite,
  kOrganizationCustomField,
  kPersonCustomField,
  kPersonId,
  kOwnerId,
  kMarketingStatus,
  kOpenLeadsCount,
  kLeadTitle,  // this and the following of the newest open lead
  kLeadValue,
  kLeadCurrency,
  kLeadSource,
  kLeadLabels,
};

// A rule whose both ends exist.
struct ResolvedField {
  SourceKind source = SourceKind::kName;
  PipedriveField custom_field;  // for the custom kinds: key, type, options
  BrevoAttribute attribute;
  Direction direction = Direction::kBoth;
  ConflictPolicy on_conflict = ConflictPolicy::kPipedriveWins;
};

// Something in the mapping that cannot be done; the rest of the mapping works.
struct MappingProblem {
  int line = 0;
  std::string text;               // names the source, the attribute and the remedy
  std::string missing_attribute;  // what `check --live --fix` would create, or ""
  AttributeType suggested_type = AttributeType::kText;
};

struct ResolvedMap {
  std::vector<ResolvedField> fields;  // sorted by attribute name; one per attribute
  std::vector<MappingProblem> problems;
  bool wants_deal_counts = false;  // of Pipedrive's persons; never with deals_from_table
  bool deals_from_table = false;   // counts and revenue are computed from the table of deals
  bool wants_organizations = false;
  bool wants_leads = false;              // some field is of leads
  std::vector<std::string> person_keys;  // custom field keys, sorted, unique
  std::vector<std::string> organization_keys;
};

// Resolves names to keys and attributes. A custom field is named by its 40-character key or by its
// display name when exactly one field has it (case, spaces and underscores aside). Attribute names
// are compared without case. With name, first_name and last_name all mapped, name flows to Brevo
// only. With `deals_are_synced`, counts and revenue come from the table of deals; otherwise counts
// come with the persons and there is no revenue. Fields of leads need `leads_are_synced`.
ResolvedMap Resolve(const std::vector<FieldRule>& rules, const AccountSchema& schema,
                    bool deals_are_synced = false, bool leads_are_synced = false);

}  // namespace connector::mapping
