// Pipedrive records as JSON, in the shapes of API v2 and v1 (facts/pipedrive.md section 3).
// Persons are written by hand: a page of 500 with every custom field is 2 MB.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "pipedrive_account.h"

namespace sandbox {

// What a caller asked to see of a person.
struct PersonView {
  std::vector<std::string> include;  // include_fields
  bool all_custom = true;            // no custom_fields parameter: all of them, null or not
  std::vector<int> custom;           // else these
  bool option_labels = false;        // enum and set as {id,label}
};

void AppendPersonV2(std::string& out, const PipedriveAccount& account, const Person& person,
                    const PersonView& view);
nlohmann::json PersonV2(const PipedriveAccount& account, const Person& person);
void AppendPersonV1(std::string& out, PipedriveAccount& account, const Person& person);

// One custom value under the keys that v1 gives it.
void AddCustomV1(nlohmann::json& out, const Field& field, const nlohmann::json& value);

nlohmann::json OrganizationV2(const Organization& organization);
nlohmann::json OrganizationV1(const PipedriveAccount& account, const Organization& organization);
nlohmann::json DealV2(const Deal& deal);
nlohmann::json PipelinesV2();
nlohmann::json StagesV2(int64_t pipeline);  // 0: of all pipelines
nlohmann::json DealV1(PipedriveAccount& account, const Deal& deal);
nlohmann::json ActivityV2(const Activity& activity);
nlohmann::json LeadV1(const Lead& lead);
nlohmann::json UserV1(int64_t id, const std::string& company_domain);
std::string UserName(int64_t id);
std::string DealTitle(const Deal& deal);
// People an organization has, which only the persons know.
nlohmann::json AddressV2(const std::string& address);

}  // namespace sandbox
