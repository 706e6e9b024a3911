#include "sync/planning_cache.h"

#include <utility>

#include "base/status.h"

namespace connector::sync {
namespace {

constexpr Duration kLookAgainAfter = std::chrono::minutes(1);

}  // namespace

absl::StatusOr<std::shared_ptr<const Planning>> PlanningCache::Get(
    const http::CallContext& context) {
  const std::lock_guard lock(mutex_);
  const Time now = accounts_.clock.Now();
  if (planning_ && now - made_at_ < kLookAgainAfter) return planning_;
  CONNECTOR_ASSIGN_OR_RETURN(Planning planning, LoadPlanning(accounts_, accounts_.store, context,
                                                             context, Schema::kStored));
  planning_ = std::make_shared<const Planning>(std::move(planning));
  made_at_ = now;
  company_id_ = planning_->schema.account.company_id;
  return planning_;
}

}  // namespace connector::sync
