// The executable: reads flags, starts a sandbox, tells where it listens, waits for a signal.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "options.h"
#include "sandbox.h"

namespace {

void AddFlags(CLI::App& app, sandbox::Options& o, std::string& limits,
              std::vector<std::string>& dropped) {
  app.add_option("--listen", o.listen, "Address of the APIs; port 0: any");
  app.add_option("--reports-listen", o.reports_listen, "Address that serves import reports");
  app.add_option("--persons", o.persons, "Persons in Pipedrive");
  app.add_option("--organizations", o.organizations, "Organizations in Pipedrive");
  app.add_option("--existing-contacts", o.existing_contacts, "Contacts Brevo has already");
  app.add_option("--seed", o.seed, "Same seed, same data");
  app.add_option("--api-token", o.api_token, "Pipedrive API token");
  app.add_option("--api-key", o.api_key, "Brevo API key");
  app.add_option("--api-key-name", o.api_key_name, "Name of the key, told in Brevo's webhooks");
  app.add_option("--company-domain", o.company_domain, "Pipedrive company domain");
  app.add_option("--plan", o.plan, "Pipedrive plan")
      ->check(CLI::IsMember({"lite", "growth", "premium", "ultimate"}));
  app.add_option("--seats", o.seats, "Seats, which multiply the daily token budget");
  app.add_option("--brevo-plan", o.brevo_plan, "Brevo plan")
      ->check(CLI::IsMember({"general", "advanced", "extended"}));
  app.add_option("--limits", limits, "Rate limits")->check(CLI::IsMember({"on", "off"}));
  app.add_option("--latency-ms", o.latency_ms, "Added to every API answer");
  app.add_option("--search-delay-s", o.search_delay_s, "Until search finds what was written");
  app.add_option("--edge-block-s", o.edge_block_s,
                 "How long the HTML 403 after ignored 429s lasts");
  app.add_option("--import-delay-s", o.import_delay_s, "Shortest time an import takes");
  app.add_option("--import-rows-s", o.import_rows_s, "Rows a second beyond that");
  app.add_flag("--campaigns", o.campaigns, "Pipedrive has the Campaigns add-on");
  app.add_option("--drop-attribute", dropped, "A Brevo attribute the account lacks");
  app.add_flag("--industry-category", o.industry_category, "INDUSTRY is a category attribute");
  app.add_option("--traffic", o.traffic_file, "File to record API exchanges in");
  app.add_option("--traffic-max-body", o.traffic_max_body, "Larger bodies are recorded as null");
  app.add_option("--clock-scale", o.clock_scale, "Sandbox seconds per real second");
  app.add_option("--clock-origin", o.clock_origin_s, "Real Unix seconds where both clocks agree");
  app.add_option("--oauth-client-id", o.oauth_client_id, "OAuth client");
  app.add_option("--oauth-client-secret", o.oauth_client_secret, "OAuth client secret");
  app.add_option("--oauth-token-s", o.oauth_token_s, "Life of an access token");
}

}  // namespace

int main(int argc, char** argv) {
  sandbox::Options options;
  std::string limits = "on";
  std::vector<std::string> dropped;
  CLI::App app("A stateful simulator of the Pipedrive and Brevo APIs");
  AddFlags(app, options, limits, dropped);
  CLI11_PARSE(app, argc, argv);
  options.limits = limits == "on";
  options.dropped_attributes = {dropped.begin(), dropped.end()};

  // Blocked before any thread exists, so that only sigwait below sees them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  sandbox::Sandbox sandbox(options);
  if (const std::string error = sandbox.Start(); !error.empty()) {
    std::cerr << "pipedrive-brevo-sandbox: " << error << "\n";
    return 1;
  }
  std::cout << "ready api=" << sandbox.ApiUrl() << " reports=" << sandbox.ReportsUrl() << std::endl;
  int received = 0;
  sigwait(&signals, &received);
  sandbox.Stop();
  return 0;
}
