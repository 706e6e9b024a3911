// Everything one sandbox consists of. One thread at a time touches it (see Sandbox).
#pragma once

#include <functional>
#include <map>
#include <string>

#include "brevo_account.h"
#include "clock.h"
#include "faults.h"
#include "options.h"
#include "pipedrive_account.h"
#include "rate_limits.h"
#include "router.h"
#include "scheduler.h"
#include "stats.h"
#include "traffic_log.h"

namespace sandbox {

// Posts a body somewhere and tells the status (0: nobody answered in time).
using HttpPost = std::function<void(const std::string& url, const std::string& body,
                                    const std::vector<std::pair<std::string, std::string>>& headers,
                                    std::function<void(int status)> done)>;

struct World {
  explicit World(const Options& given)
      : options(given),
        clock(given.clock_origin_s, given.clock_scale, given.manual_clock),
        scheduler(clock),
        faults(given.seed),
        traffic(given.traffic_file, given.traffic_max_body),
        pipedrive_limits(options),
        brevo_limits(options),
        pipedrive(options, clock),
        brevo(options, clock, stats) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  const Options options;
  Clock clock;
  Scheduler scheduler;
  Stats stats;
  Faults faults;
  TrafficLog traffic;
  PipedriveLimits pipedrive_limits;
  BrevoLimits brevo_limits;
  PipedriveAccount pipedrive;
  BrevoAccount brevo;
  std::map<std::string, Micros> access_tokens;   // OAuth: token -> when it expires
  std::map<std::string, Micros> refresh_tokens;  // likewise
  std::string api_url;                           // "http://127.0.0.1:PORT" of the API listener
  std::string reports_url;                       // "http://127.0.0.1:PORT" of the reports listener
  HttpPost post;                                 // set by the server; webhooks leave through it
};

}  // namespace sandbox
