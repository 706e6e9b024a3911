#pragma once

// The field schemas of both accounts.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/deal.h"
#include "model/money.h"

namespace connector {

struct FieldOption {
  std::string id;  // a number for custom fields, a word for built-in ones
  std::string label;
  bool operator==(const FieldOption&) const = default;
};

// A field of Pipedrive persons or organizations.
struct PipedriveField {
  std::string key;   // "name", or 40 hexadecimal digits for a custom field
  std::string name;  // as people see it; not unique
  std::string type;  // "varchar", "enum", "set", "monetary", ...
  bool is_custom = false;
  std::vector<FieldOption> options;
  bool operator==(const PipedriveField&) const = default;
};

// Types a Brevo attribute can have; kOther is one this version does not know.
enum class AttributeType { kText, kNumber, kDate, kBoolean, kCategory, kMultipleChoice, kOther };
std::string_view AttributeTypeName(AttributeType type);

struct BrevoAttribute {
  std::string name;
  std::string category;  // normal, category, transactional, calculated, global
  AttributeType type = AttributeType::kText;
  // Category options by value; labels of a multiple-choice attribute have no value (0).
  struct Option {
    int64_t value = 0;
    std::string label;
    bool operator==(const Option&) const = default;
  };
  std::vector<Option> options;
  bool operator==(const BrevoAttribute&) const = default;
};

struct BrevoList {
  int64_t id = 0;
  std::string name;
  bool operator==(const BrevoList&) const = default;
};

// The Pipedrive company and user behind a credential.
struct PipedriveAccount {
  int64_t company_id = 0;
  int64_t user_id = 0;
  std::string company_name;
  std::string company_domain;
  std::string default_currency;
  bool operator==(const PipedriveAccount&) const = default;
};

// Everything about both accounts a sync decides by; cached in the store and refreshed hourly.
struct AccountSchema {
  PipedriveAccount account;
  std::vector<PipedriveField> person_fields;
  std::vector<PipedriveField> organization_fields;
  std::vector<BrevoAttribute> attributes;
  std::vector<BrevoList> lists;
  // Read only where deals are synced.
  std::vector<Pipeline> pipelines;
  std::vector<Stage> stages;
  std::vector<Currency> currencies;
  // Read only where leads are synced; ids are UUIDs.
  std::vector<FieldOption> lead_labels;
  bool operator==(const AccountSchema&) const = default;
};

// Null if there is none of this id.
const Stage* FindStage(const AccountSchema& schema, int64_t id);
const Pipeline* FindPipeline(const AccountSchema& schema, int64_t id);
// Decimals of a currency; 2 for one the account does not name, as most have.
int DecimalsOf(const AccountSchema& schema, std::string_view currency);

}  // namespace connector
