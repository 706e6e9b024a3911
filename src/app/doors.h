#pragma once

// What the configuration says of the doors for events.

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "config/config.h"
#include "edge/brevo_door.h"
#include "edge/webhook_door.h"
#include "model/source_event.h"
#include "worker/intake.h"

namespace connector::app {

// The kinds of record a change of which has consequences: what is taken in and subscribed to.
std::set<SourceObject> WatchedObjects(const config::Connection& connection);

// What each connection takes. `wake` is called with its name when an event was stored for it;
// `company` says whose events it takes.
std::map<std::string, worker::Intake::Source, std::less<>> IntakeSources(
    const config::Config& config, const std::function<void(const std::string&)>& wake,
    const std::function<int64_t(const std::string&)>& company);

std::vector<edge::DoorKeys> PipedriveDoorKeys(const config::Config& config);
std::vector<edge::BrevoDoorKeys> BrevoDoorKeys(const config::Config& config);

}  // namespace connector::app
