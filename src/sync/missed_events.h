#pragma once

// What no webhook told while there was none: found by what has changed since, and told like an
// event.

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "base/clock.h"
#include "http/caller.h"
#include "model/source_event.h"
#include "store/inbox.h"
#include "sync/accounts.h"

namespace connector::sync {

// Whether changes of these records can be told afterwards, and have Brevo events.
bool TellsMissed(const Settings& settings, SourceObject object);

// Appends every record that has changed since then to the inbox, to be read again and told: one
// page of 500 for 10 tokens, and 10 more for each 100 that are read again. A record that was
// appended before with the same state is not appended twice, so that an error, or a death, is made
// good by calling this again. Blocks on Pipedrive and on the store; not for threads that run the
// store.
absl::Status QueueMissed(const Accounts& accounts, SourceObject object, Time since,
                         const http::CallContext& context);

// Of an inbox entry that QueueMissed made: since when its record was not told. nullopt for others.
std::optional<Time> MissedSince(const store::InboxEntry& entry);

// Which changes of a record are to be told, if webhooks missed what came after `since`: whether it
// was added, and changed after that. A webhook that comes late has the same keys.
std::vector<SourceEvent> MissedEvents(const SourceEvent& latest, std::optional<Time> add_time,
                                      Time since);

}  // namespace connector::sync
