#pragma once

// A Brevo event that is to be sent once, after the write of its contact.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "model/value.h"

namespace connector {

struct OutboxEvent {
  // The same for the same change whichever way it came (SourceEvent::key), so that it is sent once.
  std::string key;
  int64_t person_id = 0;  // Pipedrive's; its contact is the one the event is of
  std::string name;       // as Brevo shall call it
  Time occurred_at{};
  std::vector<std::pair<std::string, Value>> contact_properties;
  std::vector<std::pair<std::string, Value>> event_properties;

  bool operator==(const OutboxEvent&) const = default;
};

}  // namespace connector
