#pragma once

#include <map>
#include <string>

#include "model/person_write.h"

namespace connector::pipedrive {

// The body of POST and PATCH /api/v2/persons. `types` of custom fields by key, as far as known.
// Neither version takes first and last name by themselves: they go together as `name`, unless the
// write has one of its own.
std::string EncodePersonV2(const PersonWrite& write,
                           const std::map<std::string, std::string>& types);
// Likewise of POST and PUT /api/v1/persons.
std::string EncodePersonV1(const PersonWrite& write,
                           const std::map<std::string, std::string>& types);

}  // namespace connector::pipedrive
