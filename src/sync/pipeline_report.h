#pragma once

// Counts, values, conversion and time in stage per pipeline, from the local tables: no call to
// anybody. Its memory is bound by the account's pipelines, stages and currencies and by
// kMostGroups, however many deals there are.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "model/schema.h"
#include "store/report.h"
#include "sync/accounts.h"

namespace connector::sync {

// By what the figures are split beside pipeline and stage. A deal without the value is in the group
// "(none)".
struct SplitByPersonField {
  std::string name;  // key or unique name of a custom field
};
struct SplitByLists {  // a deal is in the group of each of these lists that its contact is on
  std::vector<int64_t> list_ids;
};
struct SplitByLeadSource {};
using ReportSplit =
    std::variant<std::monostate, SplitByPersonField, SplitByLists, SplitByLeadSource>;

// The more of them, the less a report says; what exceeds it is together in the group "(other)".
inline constexpr size_t kMostGroups = 200;

struct PipelineQuestion {
  std::vector<int64_t> pipeline_ids;  // empty: all
  Time from{};                        // from <= t < to
  Time to{};
  ReportSplit split;
};

// Sums in millionths, by currency.
using Sums = std::map<std::string, int64_t>;

struct OutcomeFigures {
  int64_t count = 0;
  Sums values;
};

// A mean that is built up.
struct Mean {
  int64_t count = 0;
  int64_t seconds = 0;
  void Add(Duration time);
  std::optional<double> Days() const;
};

// What of one stage is counted.
struct StageFigures {
  int64_t stage_id = 0;
  std::string name;
  int64_t open_count = 0;
  Sums open_values;
  Sums weighted_values;
  int64_t entered = 0;
  int64_t advanced = 0;
  Mean stays;

  std::optional<double> Conversion() const;
};

// One pipeline, or one group of it.
struct PipelineFigures {
  int64_t pipeline_id = 0;
  std::string name;
  std::string group;
  std::vector<StageFigures> stages;  // in the pipeline's order
  OutcomeFigures won;
  OutcomeFigures lost;
  Mean to_win;
  std::vector<PipelineFigures> groups;  // by name

  std::optional<double> WinRate() const;
};

struct PipelineReport {
  Time from{};
  Time to{};
  std::optional<Time> observed_since;
  std::optional<Time> data_as_of;
  std::vector<PipelineFigures> pipelines;  // in the account's order
  std::map<std::string, int> decimals;     // of every currency that occurs
};

// Adds deals up. Pure; one thread.
class PipelineTally {
 public:
  // Both outlive it.
  PipelineTally(const AccountSchema& schema, const PipelineQuestion& question)
      : schema_(schema), question_(question) {}

  // `groups` that the deal is in; none without a split.
  void Add(const Deal& deal, const std::vector<store::StageMove>& moves,
           const std::vector<std::string>& groups);
  // Pipelines and, of each, stages and groups in order; without times of the tables.
  PipelineReport Finish() &&;

 private:
  struct Counted {
    std::map<int64_t, StageFigures> stages;
    OutcomeFigures won;
    OutcomeFigures lost;
    Mean to_win;
  };
  using Group = std::map<int64_t, Counted>;  // by pipeline

  bool InPeriod(Time time) const { return question_.from <= time && time < question_.to; }
  void AddTo(Group& group, const Deal& deal, const std::vector<store::StageMove>& moves) const;
  void AddOpen(Group& group, const Deal& deal) const;
  void AddClosed(Group& group, const Deal& deal) const;
  void AddEntries(Group& group, const Deal& deal, const std::vector<store::StageMove>& moves) const;
  void AddStays(Group& group, const Deal& deal, const std::vector<store::StageMove>& moves) const;
  bool WentOn(const Deal& deal, const std::vector<store::StageMove>& moves, size_t entry) const;
  StageFigures* StageOf(Group& group, int64_t stage) const;
  PipelineFigures FiguresOf(const Pipeline& pipeline, const Counted& counted, bool whole) const;

  const AccountSchema& schema_;
  const PipelineQuestion& question_;
  Group all_;
  std::map<std::string, Group> groups_;
};

// FAILED_PRECONDITION where deals have not been read or what is split by isn't kept; NOT_FOUND for
// a pipeline, INVALID_ARGUMENT for a field that doesn't exist. `go_on` is asked between pages; what
// it returns ends the report.
absl::StatusOr<PipelineReport> MakePipelineReport(const Accounts& accounts,
                                                  const PipelineQuestion& question,
                                                  const std::function<absl::Status()>& go_on);

}  // namespace connector::sync
