#pragma once

// Brevo's events ("custom events"), which start its automations and segment its contacts.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "http/caller.h"
#include "model/value.h"

namespace connector::brevo {

// An event as it is sent. Names of properties and the event's own name have 1 to 255 letters,
// digits, - and _; the event's properties weigh at most 50 kB. Empty properties are left out.
struct Event {
  std::string name;
  std::optional<Time> occurred_at;  // otherwise Brevo takes its own time
  // Whose it is: at least one. Brevo goes by the id if there is one.
  int64_t contact_id = 0;  // 0: not told
  std::string email;
  std::string ext_id;
  // Also written into the contact's attributes.
  std::vector<std::pair<std::string, Value>> contact_properties;
  std::vector<std::pair<std::string, Value>> event_properties;
};

// An event as Brevo shows it.
struct SeenEvent {
  std::string name;
  int64_t contact_id = 0;  // 0: of nobody Brevo knows
  std::optional<Time> occurred_at;
  // Sorted by name, without those that are empty and objects.
  std::vector<std::pair<std::string, Value>> event_properties;

  bool operator==(const SeenEvent&) const = default;
};

struct EventPage {
  std::vector<SeenEvent> events;  // newest first, by occurred_at
  int64_t total = 0;              // of all pages
};

struct EventsQuery {
  Time from;
  Time until;                      // both by the events' own time, inclusive
  std::vector<std::string> names;  // none: of any name
  int64_t offset = 0;
};

// Blocks; any thread. Errors carry a Reaction. Brevo has no key that tells a repetition, so a call
// whose outcome is unknown is not made again: it is Reaction::kAmbiguous, to be looked up with
// ListEvents().
class EventClient {
 public:
  virtual ~EventClient() = default;

  // Counts against the bucket of events (10 a second on the smallest plan). INVALID_ARGUMENT with
  // Reaction::kFailRecord for an event that Brevo would or does refuse.
  virtual absl::Status SendEvent(const Event& event, const http::CallContext& context) = 0;

  // Sends the first events, as many as one call takes (100, and less than 1 MB), and says what
  // became of each of these: the answer has as many entries as events were handled, at least one of
  // a list that is not empty. The status of the whole tells of all of them at once. To be on the
  // safe side it counts against the bucket of 100 calls an hour, which many single events do not:
  // for backlogs.
  virtual absl::StatusOr<std::vector<absl::Status>> SendEvents(
      std::span<const Event> events, const http::CallContext& context) = 0;

  // 1,000 a page, out of the bucket of 100 calls an hour.
  virtual absl::StatusOr<EventPage> ListEvents(const EventsQuery& query,
                                               const http::CallContext& context) = 0;
};

}  // namespace connector::brevo
