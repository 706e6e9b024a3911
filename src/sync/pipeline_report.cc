#include "sync/pipeline_report.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>
#include <utility>

#include "model/deal_facts.h"
#include "model/money.h"

namespace connector::sync {
namespace {

constexpr char kOther[] = "(other)";

void AddValue(Sums& sums, const std::string& currency, int64_t millionths) {
  int64_t& sum = sums[currency];
  sum = AddMillionths(sum, millionths);
}

// Percent: the deal's own, else its stage's; without either it is certain.
double ProbabilityOf(const Deal& deal, const Stage* stage) {
  if (deal.probability) return *deal.probability;
  return stage != nullptr ? stage->probability.value_or(100) : 100;
}

void NoteDecimals(const AccountSchema& schema, const Sums& sums, std::map<std::string, int>& out) {
  for (const auto& [currency, sum] : sums) out[currency] = DecimalsOf(schema, currency);
}

// When it was won or lost; nothing of an open deal.
std::optional<Time> EndOf(const Deal& deal) {
  if (deal.status != DealStatus::kWon && deal.status != DealStatus::kLost) return std::nullopt;
  return ClosedAt(deal);
}

template <typename T>
std::vector<const T*> InOrder(const std::vector<T>& all) {
  std::vector<const T*> sorted;
  for (const T& one : all) sorted.push_back(&one);
  std::sort(sorted.begin(), sorted.end(), [](const T* a, const T* b) {
    return std::tie(a->order, a->id) < std::tie(b->order, b->id);
  });
  return sorted;
}

}  // namespace

void Mean::Add(Duration time) {
  ++count;
  seconds += std::chrono::duration_cast<std::chrono::seconds>(time).count();
}

std::optional<double> Mean::Days() const {
  if (count == 0) return std::nullopt;
  return static_cast<double>(seconds) / static_cast<double>(count) / 86400;
}

std::optional<double> StageFigures::Conversion() const {
  if (entered == 0) return std::nullopt;
  return static_cast<double>(advanced) / static_cast<double>(entered);
}

std::optional<double> PipelineFigures::WinRate() const {
  const int64_t closed = won.count + lost.count;
  if (closed == 0) return std::nullopt;
  return static_cast<double>(won.count) / static_cast<double>(closed);
}

void PipelineTally::Add(const Deal& deal, const std::vector<store::StageMove>& moves,
                        const std::vector<std::string>& groups) {
  if (deal.is_deleted()) return;
  AddTo(all_, deal, moves);
  std::set<std::string> names;
  for (const std::string& name : groups) {
    const bool fits = groups_.count(name) > 0 || groups_.size() < kMostGroups;
    names.insert(fits ? name : kOther);
  }
  for (const std::string& name : names) AddTo(groups_[name], deal, moves);
}

void PipelineTally::AddTo(Group& group, const Deal& deal,
                          const std::vector<store::StageMove>& moves) const {
  if (deal.status == DealStatus::kOpen) {
    AddOpen(group, deal);
  } else {
    AddClosed(group, deal);
  }
  AddEntries(group, deal, moves);
  AddStays(group, deal, moves);
}

void PipelineTally::AddOpen(Group& group, const Deal& deal) const {
  const int64_t stage_id = deal.stage_id.value_or(0);
  StageFigures& stage = group[deal.pipeline_id.value_or(0)].stages[stage_id];
  const int64_t value = ToMillionths(deal.value.value_or(0)).value_or(0);
  const double probability = ProbabilityOf(deal, FindStage(schema_, stage_id));
  ++stage.open_count;
  AddValue(stage.open_values, deal.currency, value);
  AddValue(stage.weighted_values, deal.currency,
           std::llround(static_cast<long double>(value) * probability / 100));
}

void PipelineTally::AddClosed(Group& group, const Deal& deal) const {
  const Time closed_at = ClosedAt(deal);
  if (!InPeriod(closed_at)) return;
  Counted& pipeline = group[deal.pipeline_id.value_or(0)];
  const bool won = deal.status == DealStatus::kWon;
  OutcomeFigures& outcome = won ? pipeline.won : pipeline.lost;
  ++outcome.count;
  AddValue(outcome.values, deal.currency, ToMillionths(deal.value.value_or(0)).value_or(0));
  if (won && deal.add_time) pipeline.to_win.Add(closed_at - *deal.add_time);
}

// Null for a stage that is gone: nobody knows which pipeline it was in.
StageFigures* PipelineTally::StageOf(Group& group, int64_t stage) const {
  const Stage* known = FindStage(schema_, stage);
  return known == nullptr ? nullptr : &group[known->pipeline_id].stages[stage];
}

// A deal that enters a stage twice counts once.
void PipelineTally::AddEntries(Group& group, const Deal& deal,
                               const std::vector<store::StageMove>& moves) const {
  std::set<int64_t> entered;
  for (size_t i = 0; i < moves.size(); ++i) {
    if (!InPeriod(moves[i].at) || !entered.insert(moves[i].to).second) continue;
    StageFigures* const stage = StageOf(group, moves[i].to);
    if (stage == nullptr) continue;
    ++stage->entered;
    if (WentOn(deal, moves, i)) ++stage->advanced;
  }
}

bool PipelineTally::WentOn(const Deal& deal, const std::vector<store::StageMove>& moves,
                           size_t entry) const {
  if (deal.status == DealStatus::kWon && ClosedAt(deal) >= moves[entry].at) return true;
  const Stage* const from = FindStage(schema_, moves[entry].to);
  return std::any_of(moves.begin() + static_cast<std::ptrdiff_t>(entry) + 1, moves.end(),
                     [&](const store::StageMove& move) {
                       const Stage* const to = FindStage(schema_, move.to);
                       return to != nullptr && to->pipeline_id == from->pipeline_id &&
                              to->order > from->order;
                     });
}

void PipelineTally::AddStays(Group& group, const Deal& deal,
                             const std::vector<store::StageMove>& moves) const {
  for (size_t i = 0; i < moves.size(); ++i) {
    const std::optional<Time> end =
        i + 1 < moves.size() ? std::optional<Time>(moves[i + 1].at) : EndOf(deal);
    if (!end || !InPeriod(*end) || *end < moves[i].at) continue;
    StageFigures* const stage = StageOf(group, moves[i].to);
    if (stage != nullptr) stage->stays.Add(*end - moves[i].at);
  }
}

// A group shows only the stages it has something of.
PipelineFigures PipelineTally::FiguresOf(const Pipeline& pipeline, const Counted& counted,
                                         bool whole) const {
  PipelineFigures figures;
  figures.pipeline_id = pipeline.id;
  figures.name = pipeline.name;
  figures.won = counted.won;
  figures.lost = counted.lost;
  figures.to_win = counted.to_win;
  std::map<int64_t, StageFigures> left = counted.stages;
  const auto add = [&figures](StageFigures stage, int64_t id, const std::string& name) {
    stage.stage_id = id;
    stage.name = name;
    figures.stages.push_back(std::move(stage));
  };
  for (const Stage* stage : InOrder(schema_.stages)) {
    if (stage->pipeline_id != pipeline.id) continue;
    const auto found = left.extract(stage->id);
    if (!found.empty() || whole) {
      add(found.empty() ? StageFigures{} : std::move(found.mapped()), stage->id, stage->name);
    }
  }
  // Stages newer than what is known of the account.
  for (auto& [id, stage] : left) add(std::move(stage), id, "");
  return figures;
}

PipelineReport PipelineTally::Finish() && {
  std::vector<Pipeline> pipelines;
  for (const Pipeline* pipeline : InOrder(schema_.pipelines)) pipelines.push_back(*pipeline);
  for (const auto& [id, counted] : all_) {
    if (FindPipeline(schema_, id) == nullptr) pipelines.push_back({id, "", 0});
  }
  PipelineReport report;
  report.from = question_.from;
  report.to = question_.to;
  const std::vector<int64_t>& wanted = question_.pipeline_ids;
  for (const Pipeline& pipeline : pipelines) {
    if (!wanted.empty() && std::count(wanted.begin(), wanted.end(), pipeline.id) == 0) continue;
    PipelineFigures figures = FiguresOf(pipeline, all_[pipeline.id], /*whole=*/true);
    for (const auto& [name, group] : groups_) {
      const auto counted = group.find(pipeline.id);
      if (counted == group.end()) continue;
      figures.groups.push_back(FiguresOf(pipeline, counted->second, /*whole=*/false));
      figures.groups.back().group = name;
    }
    for (const OutcomeFigures* outcome : {&figures.won, &figures.lost}) {
      NoteDecimals(schema_, outcome->values, report.decimals);
    }
    for (const StageFigures& stage : figures.stages) {
      NoteDecimals(schema_, stage.open_values, report.decimals);
    }
    report.pipelines.push_back(std::move(figures));
  }
  return report;
}

}  // namespace connector::sync
