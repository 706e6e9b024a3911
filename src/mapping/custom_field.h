#pragma once

// Finding a custom field by what an operator calls it.

#include <string>
#include <string_view>
#include <vector>

#include "model/schema.h"

namespace connector::mapping {

struct CustomFieldSearch {
  const PipedriveField* field = nullptr;
  std::string problem;  // if there is no field: why, and what would help
};

// By key, else by display name if exactly one custom field has it (case, spaces and underscores
// aside). `record` is "person" or "organization", for the message.
CustomFieldSearch FindCustomFieldByName(const std::vector<PipedriveField>& fields,
                                        std::string_view wanted, std::string_view record);

}  // namespace connector::mapping
