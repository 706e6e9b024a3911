#pragma once

// What a set of leads comes to: how many are open, and the newest of them.

#include <cstdint>
#include <optional>

#include "model/lead.h"

namespace connector {

// Neither archived nor deleted; a lead that became a deal is one of the two.
inline bool IsOpen(const Lead& lead) { return !lead.is_archived && !lead.is_deleted; }

struct LeadFacts {
  int64_t open = 0;
  // Of the open ones that which was added last; of equally late ones the one with the greatest id.
  std::optional<Lead> newest;

  bool operator==(const LeadFacts&) const = default;
};

// Counts the lead if it is open.
void AddLead(LeadFacts& facts, const Lead& lead);

}  // namespace connector
