#include "model/deal_facts.h"

#include <algorithm>
#include <tuple>

#include "model/money.h"

namespace connector {
namespace {

void AddPlace(std::vector<DealFacts::Place>& places, const DealFacts::Place& place) {
  const auto key = [](const DealFacts::Place& p) { return std::tie(p.pipeline_id, p.stage_id); };
  const auto at = std::lower_bound(
      places.begin(), places.end(), place,
      [&key](const DealFacts::Place& a, const DealFacts::Place& b) { return key(a) < key(b); });
  if (at == places.end() || key(*at) != key(place)) {
    places.insert(at, place);
  } else {
    at->deal_id = std::min(at->deal_id, place.deal_id);
  }
}

void AddValue(DealFacts& facts, const std::string& currency, int64_t millionths) {
  const auto at = std::lower_bound(
      facts.won_millionths.begin(), facts.won_millionths.end(), currency,
      [](const auto& entry, const std::string& name) { return entry.first < name; });
  if (at == facts.won_millionths.end() || at->first != currency) {
    facts.won_millionths.emplace(at, currency, millionths);
  } else {
    at->second = AddMillionths(at->second, millionths);
  }
}

void AddClosed(DealFacts& facts, const DealFacts::Closed& closed) {
  const auto key = [](const DealFacts::Closed& c) { return std::tie(c.at, c.deal_id); };
  if (!facts.last_closed || key(*facts.last_closed) < key(closed)) facts.last_closed = closed;
}

}  // namespace

Time ClosedAt(const Deal& deal) {
  const std::optional<Time>& own = deal.status == DealStatus::kWon ? deal.won_time : deal.lost_time;
  for (const std::optional<Time>& time :
       {own, deal.close_time, deal.update_time, deal.stage_change_time, deal.add_time}) {
    if (time) return *time;
  }
  return Time{};
}

DealFigures FiguresOf(const Deal& deal) {
  DealFigures figures;
  figures.deal_id = deal.id;
  figures.status = deal.status;
  figures.pipeline_id = deal.pipeline_id.value_or(0);
  figures.stage_id = deal.stage_id.value_or(0);
  figures.currency = deal.currency;
  figures.millionths = ToMillionths(deal.value.value_or(0)).value_or(0);
  const bool closed = deal.status == DealStatus::kWon || deal.status == DealStatus::kLost;
  if (closed) figures.closed_at = ClosedAt(deal);
  return figures;
}

void AddDeal(DealFacts& facts, const DealFigures& deal) {
  switch (deal.status) {
    case DealStatus::kOpen:
      ++facts.open;
      if (deal.stage_id != 0) {
        AddPlace(facts.open_stages, {deal.pipeline_id, deal.stage_id, deal.deal_id});
      }
      return;
    case DealStatus::kWon:
      ++facts.won;
      AddPlace(facts.won_pipelines, {deal.pipeline_id, 0, deal.deal_id});
      AddClosed(facts, {deal.deal_id, deal.pipeline_id, true, deal.closed_at});
      if (deal.millionths != 0) AddValue(facts, deal.currency, deal.millionths);
      return;
    case DealStatus::kLost:
      ++facts.lost;
      AddClosed(facts, {deal.deal_id, deal.pipeline_id, false, deal.closed_at});
      return;
    case DealStatus::kDeleted:
      return;
  }
}

void AddFacts(DealFacts& facts, const DealFacts& more) {
  facts.open += more.open;
  facts.won += more.won;
  facts.lost += more.lost;
  for (const auto& [currency, value] : more.won_millionths) AddValue(facts, currency, value);
  for (const DealFacts::Place& place : more.open_stages) AddPlace(facts.open_stages, place);
  for (const DealFacts::Place& place : more.won_pipelines) AddPlace(facts.won_pipelines, place);
  if (more.last_closed) AddClosed(facts, *more.last_closed);
}

}  // namespace connector
