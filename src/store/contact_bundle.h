#pragma once

// A contact with all that a plan is made from.

#include <cstdint>
#include <string>
#include <vector>

#include "model/contact_state.h"
#include "model/deal_facts.h"
#include "model/lead_facts.h"
#include "model/organization.h"
#include "model/person.h"

namespace connector::store {

// A contact somebody marked dirty, with everything a plan needs.
struct ContactBundle {
  int64_t version = 0;  // of the mark, at lease time
  std::string run_id;   // run that marked it, or ""
  Time marked_at{};     // when the oldest change that it waits for was folded in
  ContactState state;
  std::vector<Person> persons;        // bound to it, not deleted, by id; the first gives the fields
  std::vector<int64_t> gone_persons;  // bound to it and deleted, by id, if there are no others
  std::vector<Organization> organizations;  // of the first person; at most one
  bool deals_known = false;                 // the table of deals is whole
  std::vector<DealFacts> deals;             // of each person, if deals_known
  bool leads_known = false;                 // the table of leads is whole
  std::vector<LeadFacts> leads;             // of each person, if leads_known
};

// What becomes of the deleted persons of a contact, and of the contact, when it is settled. Where a
// person that is not deleted is bound meanwhile, all stays as it is and the contact is dirty.
enum class Binding {
  kKeep,
  kUnbind,  // the persons have no contact any more
  kForget,  // nor is the contact known any more
};

// How soon a free mark is to be converged, and by which road.
enum class Urgency {
  kWaits,   // with the next run
  kBulk,    // now, together with many others: an import where it is worth one
  kPrompt,  // now, and soon: somebody may be waiting
};

}  // namespace connector::store
