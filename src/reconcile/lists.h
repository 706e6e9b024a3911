#pragma once

// Which lists a contact should be in, by reasons. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/contact_state.h"
#include "model/deal_facts.h"
#include "model/lead_facts.h"

namespace connector::reconcile {

struct ListReason {
  int64_t list_id = 0;
  std::string why;        // for people: "deal 42 is in stage 3"
  std::string name = {};  // of the list in the configuration: "customers", "stage 3"
};

// The lists that deals are reasons for.
struct DealLists {
  // One line of deal_stage_mapping.
  struct Rule {
    std::optional<int64_t> pipeline_id;  // none: any pipeline that has no rule of its own
    int64_t stage_id = 0;                // 0 for won and lost
    int64_t list_id = 0;
    bool operator==(const Rule&) const = default;
  };
  std::vector<Rule> stages;
  std::vector<Rule> won;
  std::vector<Rule> lost;
  int64_t customers = 0;  // 0: none
  int64_t churned = 0;

  bool operator==(const DealLists&) const = default;
};

// Each of these lists once, sorted.
std::vector<int64_t> AllLists(const DealLists& lists);

// How the configuration calls a list, once for each line that names it: "stage 3", "won".
std::vector<std::string> NamesOf(const DealLists& lists, int64_t list_id);

// What all deals of a contact's persons are reasons for:
//  * a stage's list: an open deal is in the stage;
//  * `won`: a deal is won;
//  * `lost`: no deal is open, and the one that was closed last is lost;
//  * `customers`: a deal is won;
//  * `churned`: a deal is won, none is open, and the one that was closed last is lost.
// A list may appear several times, once for each reason.
std::vector<ListReason> DealReasons(const DealLists& lists, const DealFacts& deals);

// What the leads of a contact's persons are reasons for: the list, while one is open.
std::vector<ListReason> LeadReasons(int64_t qualified_leads, const std::vector<LeadFacts>& leads);

struct ListDecision {
  std::vector<int64_t> join;   // sorted
  std::vector<int64_t> leave;  // sorted
  // Wanted and not joined because the contact left or unsubscribed; sorted.
  std::vector<int64_t> respected;
};

// Joins what there is a reason for and the contact is not in, except lists it left by its own hand.
// Leaves what there is no reason for, but only lists the connector put it into, and none of
// `undecided`: lists whose reasons are not known now; sorted.
ListDecision DecideLists(const ContactState& state, const std::vector<ListReason>& wanted,
                         const std::vector<int64_t>& undecided = {});

}  // namespace connector::reconcile
