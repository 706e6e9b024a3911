#include "model/lead_facts.h"

#include <tuple>

namespace connector {

void AddLead(LeadFacts& facts, const Lead& lead) {
  if (!IsOpen(lead)) return;
  ++facts.open;
  if (!facts.newest ||
      std::tie(facts.newest->add_time, facts.newest->id) < std::tie(lead.add_time, lead.id)) {
    facts.newest = lead;
  }
}

}  // namespace connector
