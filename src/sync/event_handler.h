#pragma once

// What the events of an inbox are handed to.

#include <vector>

#include "absl/status/statusor.h"
#include "http/caller.h"
#include "store/inbox.h"

namespace connector::sync {

class EventHandler {
 public:
  virtual ~EventHandler() = default;

  // What these events, leased together, come to; a lane's are in the order of their arrival. It is
  // committed by Inbox::FinishIngest: an event that is neither settled nor to be retried by it is
  // tried again later. An error concerns the account or the process: then all of them are. Blocks;
  // several threads at once.
  virtual absl::StatusOr<store::IngestBatch> Handle(const std::vector<store::LeasedEvent>& events,
                                                    const http::CallContext& context) = 0;
};

}  // namespace connector::sync
