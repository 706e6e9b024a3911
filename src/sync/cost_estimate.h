#pragma once

#include <cstdint>
#include <map>

#include "model/run.h"
#include "sync/plan.h"
#include "sync/planning.h"

namespace connector::sync {

// The bytes a write takes as a row of an import body, quotes and comma included: exact but for
// control characters, which are escaped longer.
size_t ImportRowSize(const ContactWrite& write);

// Adds up what a dry run's plans would cost, by the rules Converge decides by.
class CostEstimate {
 public:
  CostEstimate(const Planning& planning, size_t import_threshold)
      : planning_(planning), import_threshold_(import_threshold) {}

  void Add(Road road, const ContactPlan& plan);
  void AddTo(PlannedCost& cost) const;

 private:
  const Planning& planning_;
  const size_t import_threshold_;
  int64_t singles_ = 0;
  int64_t person_writes_ = 0;
  size_t importable_ = 0;
  std::map<int64_t, size_t> bytes_;  // by list
};

}  // namespace connector::sync
