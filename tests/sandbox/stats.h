// What the sandbox has seen, for assertions (GET /sandbox/stats).
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace sandbox {

struct Stats {
  std::map<std::string, int64_t> pipedrive_calls;  // by "GET /api/v2/persons"
  std::map<std::string, int64_t> brevo_calls;
  std::map<std::string, int64_t> statuses;  // by "pipedrive 200"
  int64_t pipedrive_writes = 0;
  int64_t brevo_writes = 0;
  int64_t too_many_burst = 0, too_many_search = 0, too_many_daily = 0;
  int64_t too_many_brevo_second = 0, too_many_brevo_hour = 0;
  int64_t edge_blocks = 0;            // calls answered with the HTML 403
  int64_t credential_violations = 0;  // a credential in a URL, or sent to the reports host
  int64_t duplicate_persons = 0;      // persons created by API with an e-mail one had already
  int64_t duplicate_events = 0;       // byte-equal events
  int64_t unauthorized = 0;
  int64_t faults = 0;
  int64_t bytes_in = 0, bytes_out = 0;
  int64_t import_rows = 0, import_rejected = 0, import_max_body = 0;
  int64_t unblocklisted_by_api = 0;  // contacts that lost their blocklisting through a write
  int64_t resubscribed_by_api = 0;   // list memberships that an unsubscribe had ended
  int64_t webhooks_sent = 0, webhooks_failed = 0, webhooks_lost = 0;
  int64_t webhooks_doubled = 0, webhooks_removed = 0;
  int64_t reports_served = 0;
  int64_t connections = 0, open_connections = 0, max_open_connections = 0;

  nlohmann::json ToJson() const;
  void Reset();
};

}  // namespace sandbox
