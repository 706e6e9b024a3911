// What API v2 takes in a body: strict JSON types, known names, nothing else (facts sections 1, 9).
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "pipedrive_account.h"

namespace sandbox {

struct Refusal {
  int status = 0;  // 0: the body is fine
  std::string message;
  std::string code = "ERR_SCHEMA_VALIDATION_FAILED";
};

Refusal CheckPersonBody(PipedriveAccount& account, const nlohmann::json& body, bool create);
Refusal CheckOrganizationBody(const nlohmann::json& body, bool create);
Refusal CheckDealBody(PipedriveAccount& account, const nlohmann::json& body, bool create);
Refusal CheckActivityBody(PipedriveAccount& account, const nlohmann::json& body, bool create);

}  // namespace sandbox
