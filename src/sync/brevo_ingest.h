#pragma once

// INGEST of what Brevo tells by webhook: what it tells of contacts that persons are bound to is
// folded into what is known of them, at no cost where that is certain; else the contact is looked
// at.

#include <vector>

#include "absl/status/statusor.h"
#include "http/caller.h"
#include "store/inbox.h"
#include "sync/accounts.h"
#include "sync/event_handler.h"
#include "sync/planning_cache.h"

namespace connector::sync {

// Blocks on calls to Brevo; any thread, several at once.
class BrevoIngest : public EventHandler {
 public:
  // Both outlive it.
  BrevoIngest(const Accounts& accounts, PlanningCache& plannings)
      : accounts_(accounts), plannings_(plannings) {}

  absl::StatusOr<store::IngestBatch> Handle(const std::vector<store::LeasedEvent>& events,
                                            const http::CallContext& context) override;

 private:
  const Accounts& accounts_;
  PlanningCache& plannings_;
};

}  // namespace connector::sync
