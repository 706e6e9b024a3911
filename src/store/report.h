#pragma once

// Deals with their way through the stages: what the report on pipelines is computed from.
//
// Errors and threads as in store/store.h.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "model/contact_state.h"
#include "model/deal.h"
#include "model/lead.h"
#include "model/person.h"
#include "store/deals.h"

namespace connector::store {

// The watermark that says since when stage moves are told of all deals: when the first run began to
// read all of them, by our clock.
inline constexpr std::string_view kStagesObservedSince = "deals.observed_since";

// What is wanted beside a deal.
enum class Beside {
  kNothing,
  kPerson,
  kContact,  // of its person, as Brevo holds it
  kLead,     // that it came from
};

struct DealHistory {
  Deal deal;
  std::vector<StageMove> moves;  // by time
  // As asked for, where it is known.
  std::optional<Person> person{};
  std::optional<ContactState> contact{};
  std::optional<Lead> lead{};
};

class Report {
 public:
  virtual ~Report() = default;

  // Deals with a greater id, by id, without deleted ones.
  virtual absl::StatusOr<std::vector<DealHistory>> DealHistoriesAfter(std::string_view connection,
                                                                      int64_t after_id,
                                                                      Beside beside, int limit) = 0;
};

}  // namespace connector::store
