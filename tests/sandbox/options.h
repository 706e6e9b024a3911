// What a sandbox is started with: one field per command-line flag.
#pragma once

#include <cstdint>
#include <set>
#include <string>

namespace sandbox {

struct Options {
  std::string listen = "127.0.0.1:0";
  // Import reports are served from here: a foreign host, which must never see a credential.
  std::string reports_listen = "127.0.0.1:0";

  int persons = 1000;
  int organizations = 200;
  int existing_contacts = 300;
  uint64_t seed = 1;

  std::string api_token = "sandbox-pipedrive-token";
  std::string api_key = "sandbox-brevo-key";
  std::string api_key_name = "sandbox-key";
  std::string company_domain = "acme";
  int64_t company_id = 8087566;

  std::string plan = "growth";         // lite | growth | premium | ultimate
  int seats = 1;                       // multiplies the daily token budget
  std::string brevo_plan = "general";  // general | advanced | extended
  bool limits = true;
  double search_delay_s = 3;    // a written person is found by search only after this
  double edge_block_s = 60;     // how long the HTML 403 lasts that follows ignored 429s
  double latency_ms = 0;        // added to every API answer
  double import_delay_s = 8;    // shortest time an import job takes
  double import_rows_s = 5000;  // rows an import job works off per second beyond that
  bool campaigns = false;       // the paid add-on that makes marketing_status exist

  std::set<std::string> dropped_attributes;  // Brevo attributes the account lacks
  bool industry_category = false;            // INDUSTRY as a category instead of text

  std::string traffic_file;
  int64_t traffic_max_body = -1;  // bodies over it are recorded as null; negative: no cap

  double clock_scale = 1;
  double clock_origin_s = 0;  // real Unix seconds; 0: the moment of the start
  bool manual_clock = false;  // tests: time moves only through Clock::Advance

  std::string oauth_client_id = "sandbox-client";
  std::string oauth_client_secret = "sandbox-secret";
  double oauth_token_s = 3599;  // life of an access token (facts: expires_in 3599)
};

}  // namespace sandbox
