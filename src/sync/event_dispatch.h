#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "http/caller.h"
#include "store/inbox.h"
#include "sync/event_handler.h"

namespace connector::sync {

// Gives each account's events to its own handler, so that one that stands still doesn't hold up the
// other. Any thread.
class EventDispatch : public EventHandler {
 public:
  // Both outlive it.
  EventDispatch(EventHandler& pipedrive, EventHandler& brevo)
      : pipedrive_(pipedrive), brevo_(brevo) {}

  absl::StatusOr<store::IngestBatch> Handle(const std::vector<store::LeasedEvent>& events,
                                            const http::CallContext& context) override;

 private:
  EventHandler& pipedrive_;
  EventHandler& brevo_;
};

}  // namespace connector::sync
