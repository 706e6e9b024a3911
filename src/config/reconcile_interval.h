#pragma once

#include "base/clock.h"
#include "config/config.h"

namespace connector::config {

// How often changes are read where the configuration does not say it: incremental runs of all kinds
// together take a fifth of the plan's daily tokens at most. Of a plan that is not configured the
// smallest is assumed, with the seats that are; a plan without a token day is asked every 15
// minutes.
//
//   interval = 24 h x cost of a round / (0.2 x tokens a day), between 5 min and 24 h
Duration ReconcileInterval(const Connection& connection);

}  // namespace connector::config
