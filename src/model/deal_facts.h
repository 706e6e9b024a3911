#pragma once

// What a set of deals comes to: counts, values, and what lists are joined for.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "model/deal.h"

namespace connector {

// As few numbers as counts, revenue and lists need, however many deals there are: its size is bound
// by the stages, pipelines and currencies of the account. Archived deals count as what their status
// says; deleted ones don't count.
struct DealFacts {
  // One deal for a stage or a pipeline: the one with the lowest id.
  struct Place {
    int64_t pipeline_id = 0;  // 0: not told
    int64_t stage_id = 0;
    int64_t deal_id = 0;
    bool operator==(const Place&) const = default;
  };
  struct Closed {
    int64_t deal_id = 0;
    int64_t pipeline_id = 0;
    bool won = false;
    Time at{};  // when it was won or lost
    bool operator==(const Closed&) const = default;
  };

  int64_t open = 0;
  int64_t won = 0;
  int64_t lost = 0;
  std::vector<std::pair<std::string, int64_t>> won_millionths;  // by currency, sorted
  std::vector<Place> open_stages;                               // sorted by pipeline and stage
  std::vector<Place> won_pipelines;                             // sorted; stage_id is 0
  std::optional<Closed> last_closed;  // of equally late ones the one with the highest id

  int64_t closed() const { return won + lost; }
  bool operator==(const DealFacts&) const = default;
};

// What of one deal its person's facts depend on.
struct DealFigures {
  int64_t deal_id = 0;
  DealStatus status = DealStatus::kOpen;
  int64_t pipeline_id = 0;  // 0: not told
  int64_t stage_id = 0;
  std::string currency;
  int64_t millionths = 0;  // of its value
  Time closed_at{};        // if it is won or lost
  bool operator==(const DealFigures&) const = default;
};
DealFigures FiguresOf(const Deal& deal);

// When a won or lost deal was closed, as well as the deal tells it.
Time ClosedAt(const Deal& deal);

void AddDeal(DealFacts& facts, const DealFigures& deal);
inline void AddDeal(DealFacts& facts, const Deal& deal) { AddDeal(facts, FiguresOf(deal)); }
// Both sets together; a deal must not be in both.
void AddFacts(DealFacts& facts, const DealFacts& more);

}  // namespace connector
