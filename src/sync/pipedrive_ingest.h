#pragma once

// INGEST of what Pipedrive tells by webhook: read again what a payload lacks or leaves in doubt,
// and fold the rest as it is.

#include <vector>

#include "absl/status/statusor.h"
#include "http/caller.h"
#include "store/inbox.h"
#include "sync/accounts.h"
#include "sync/event_handler.h"
#include "sync/planning_cache.h"

namespace connector::sync {

// Blocks on calls to Pipedrive; any thread, several at once.
class PipedriveIngest : public EventHandler {
 public:
  // Both outlive it.
  PipedriveIngest(const Accounts& accounts, PlanningCache& plannings)
      : accounts_(accounts), plannings_(plannings) {}

  // What these events, leased together, come to; it is committed by Store::FinishIngest. Events of
  // one record are one change of state, but each is a Brevo event of its own where the rules say
  // so. An error concerns the account or the process and none of the events: all are to be handled
  // again.
  absl::StatusOr<store::IngestBatch> Handle(const std::vector<store::LeasedEvent>& events,
                                            const http::CallContext& context) override;

 private:
  const Accounts& accounts_;
  PlanningCache& plannings_;
};

}  // namespace connector::sync
