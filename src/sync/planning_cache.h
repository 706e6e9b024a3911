#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "absl/status/statusor.h"
#include "sync/planning.h"

namespace connector::sync {

// The planning of one connection for those who work without a run: made once, and looked at anew
// every minute, since a run may have read newer schemas. Any thread; blocks on the accounts only
// when no schema is stored or the stored one is too old.
class PlanningCache {
 public:
  explicit PlanningCache(const Accounts& accounts) : accounts_(accounts) {}

  absl::StatusOr<std::shared_ptr<const Planning>> Get(const http::CallContext& context);

  // Of the Pipedrive account; 0 as long as nobody has asked for a planning. Never blocks.
  int64_t company_id() const { return company_id_; }

 private:
  const Accounts& accounts_;
  std::mutex mutex_;  // guards what follows; held while it is made, so that it is made once
  std::shared_ptr<const Planning> planning_;
  Time made_at_{};
  std::atomic<int64_t> company_id_ = 0;
};

}  // namespace connector::sync
