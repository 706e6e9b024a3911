#pragma once

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "http/transport.h"
#include "metrics/http_metrics.h"
#include "metrics/oauth_metrics.h"
#include "store/store.h"

namespace connector::app {

// What several connections share.
struct RoadParts {
  http::Transport& transport;
  metrics::HttpMetrics& metrics;
  Clock& clock;
  Random& random;
  const Logger& log;
  // Null where there is no OAuth.
  store::Store* store = nullptr;
  metrics::OAuthMetrics* oauth_metrics = nullptr;
};

}  // namespace connector::app
