#pragma once

// Which lists a contact should be in, by reasons. Pure.

#include <cstdint>
#include <string>
#include <vector>

#include "model/contact_state.h"

namespace connector::reconcile {

struct ListReason {
  int64_t list_id = 0;
  std::string why;  // "all_contacts", "deal 42 in stage 3"
};

struct ListDecision {
  std::vector<int64_t> join;   // sorted
  std::vector<int64_t> leave;  // sorted
  // Wanted and not joined because the contact left or unsubscribed; sorted.
  std::vector<int64_t> respected;
};

// Joins what there is a reason for and the contact is not in, except lists it left by its own hand.
// Leaves what there is no reason for, but only lists the connector put it into.
ListDecision DecideLists(const ContactState& state, const std::vector<ListReason>& wanted);

}  // namespace connector::reconcile
