#pragma once

// What the mapping takes of a person's leads.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/lead.h"
#include "model/lead_facts.h"
#include "model/schema.h"

namespace connector::mapping {

struct LeadFields {
  int64_t open = 0;
  std::optional<Lead> newest;       // of the open ones
  std::vector<std::string> labels;  // of that one, by name; an unknown one is left out
};

LeadFields FieldsOf(const LeadFacts& facts, const AccountSchema& schema);

}  // namespace connector::mapping
