#pragma once

// The two schemas the tests of this directory map between: those of the seed configuration.

#include <string>
#include <string_view>
#include <vector>

#include "mapping/field_map.h"
#include "model/schema.h"

namespace connector::mapping {

inline std::string Key(char fill) { return std::string(40, fill); }

inline BrevoAttribute Attribute(std::string name, AttributeType type = AttributeType::kText,
                                std::vector<std::string> labels = {}) {
  BrevoAttribute attribute{std::move(name), "normal", type, {}};
  if (type == AttributeType::kCategory) attribute.category = "category";
  int64_t value = 0;
  for (std::string& label : labels) {
    const bool numbered = type == AttributeType::kCategory;
    attribute.options.push_back({numbered ? ++value : 0, std::move(label)});
  }
  return attribute;
}

inline PipedriveField Field(char key, std::string name, std::string type,
                            std::vector<FieldOption> options = {}) {
  return {Key(key), std::move(name), std::move(type), true, std::move(options)};
}

inline AccountSchema SeedSchema() {
  AccountSchema schema;
  schema.person_fields = {
      {"name", "Name", "varchar", false, {}},
      {"industry", "Industry", "varchar", false, {}},
      Field('a', "Lead source", "varchar"),
      Field('b', "Industry", "enum", {{"11", "Software"}, {"12", "Steel & Iron"}}),
      Field('c', "Company_Size", "enum", {{"21", "1-10"}, {"22", "11-50"}}),
  };
  schema.organization_fields = {Field('d', "Sector", "set", {{"31", "Public"}, {"32", "Private"}})};
  for (const char* name : {"FIRSTNAME", "LASTNAME", "FULLNAME", "SMS", "COMPANY", "EMAIL", "EXT_ID",
                           "LEAD_SOURCE", "INDUSTRY"}) {
    schema.attributes.push_back(Attribute(name));
  }
  for (const char* name : {"WON_DEALS", "LOST_DEALS", "OPEN_DEALS", "CLOSED_DEALS", "LTV"}) {
    schema.attributes.push_back(Attribute(name, AttributeType::kNumber));
  }
  schema.attributes.push_back(
      Attribute("COMPANY_SIZE", AttributeType::kCategory, {"1-10", "11-50", "51+"}));
  return schema;
}

// The person_mapping of the seed configuration.
inline std::vector<FieldRule> SeedRules() {
  std::vector<FieldRule> rules;
  const auto add = [&](std::string source, std::string attribute) {
    rules.push_back({std::move(source), std::move(attribute), Direction::kBoth,
                     ConflictPolicy::kPipedriveWins, 20 + static_cast<int>(rules.size())});
  };
  add("email", "email");
  add("name", "FULLNAME");
  add("first_name", "FIRSTNAME");
  add("last_name", "LASTNAME");
  add("phone", "SMS");
  add("org_id.name", "COMPANY");
  add("won_deals_count", "WON_DEALS");
  add("lost_deals_count", "LOST_DEALS");
  add("open_deals_count", "OPEN_DEALS");
  add("closed_deals_count", "CLOSED_DEALS");
  add("total_revenue", "LTV");
  add("custom_fields.lead_source", "LEAD_SOURCE");
  add("custom_fields.industry", "INDUSTRY");
  add("custom_fields.company_size", "COMPANY_SIZE");
  return rules;
}

}  // namespace connector::mapping
