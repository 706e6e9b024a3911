#pragma once

// What the configuration says, in the terms of those who act on it.

#include <vector>

#include "config/config.h"
#include "sync/accounts.h"
#include "sync/subscriptions.h"
#include "worker/scheduler.h"

namespace connector::app {

sync::Settings SettingsOf(const config::Connection& connection);
sync::SubscriptionSettings SubscriptionsOf(const config::Connection& connection);
// Runs that could change nothing are not asked for by themselves.
std::vector<worker::Scheduler::Entry> ScheduleOf(const config::Config& config);

}  // namespace connector::app
