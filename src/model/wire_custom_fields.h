#pragma once

// Custom field values in the binary form, the same for all records that have them.

#include <string>
#include <utility>
#include <vector>

#include "model/person.h"
#include "model/wire_format.h"

namespace connector::wire {

using CustomFields = std::vector<std::pair<std::string, CustomValue>>;

void WriteCustomFields(Writer& out, const CustomFields& fields);
CustomFields ReadCustomFields(Reader& in);

}  // namespace connector::wire
