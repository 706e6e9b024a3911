#pragma once

#include "config/config.h"
#include "sync/event_rules.h"

namespace connector::app {

// The `webhooks` section, in whichever version's words it is written.
sync::EventRules EventRulesOf(const config::Connection& connection);

}  // namespace connector::app
