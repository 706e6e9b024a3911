#pragma once

// The configuration file as values. Only app/ and cli/ see it; every module gets its own Options.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "mapping/field_map.h"

namespace connector::config {

struct SyncSwitches {
  bool persons = true;
  bool deals = true;
  bool organizations = true;
  bool activities = true;
  bool leads = true;
};

struct OAuthConfig {
  std::string client_id;
  Secret client_secret;
  std::string redirect_uri;
  std::string base_url;       // of the OAuth server; derived unless given; origin only
  Secret authorize_password;  // asked for by /oauth/authorize; "" = anybody may begin
};

struct DoorConfig {        // a webhook door; closed while no secret is set
  std::string user;        // Pipedrive: HTTP Basic
  Secret password;         // Pipedrive
  Secret old_password;     // Pipedrive: valid beside `password` during a rotation
  Secret token;            // Brevo: bearer
  Secret old_token;        // Brevo: valid beside `token` during a rotation
  std::string public_url;  // where the vendor reaches us; "" = not subscribed
};

struct PipedriveConfig {
  bool enabled = true;
  Secret api_token;
  std::string company_domain;
  std::string api_base_url;        // derived from company_domain unless given; origin only
  std::string api_version = "v2";  // v1 | v2
  std::string plan;                // "" = learnt
  int seats = 1;
  OAuthConfig oauth;
  DoorConfig webhook;
};

struct BrevoConfig {
  Secret api_key;
  std::string api_base_url = "https://api.brevo.com";
  std::string plan;          // general | advanced | extended; "" = learnt
  std::string api_key_name;  // as Brevo calls `api_key`; "" = not known
  DoorConfig webhook;
};

// Lists by name; 0 = not configured.
struct ListsConfig {
  int64_t all_contacts = 0;
  int64_t qualified_leads = 0;
  int64_t customers = 0;
  int64_t churned = 0;
};

// One line of deal_stage_mapping: a stage id, "won" or "lost", optionally within one pipeline.
struct StageRule {
  std::optional<int64_t> pipeline_id;
  std::string key;  // "1", "won", "lost"
  int64_t list_id = 0;
  int line = 0;
};

struct WebhookRule {
  std::string event_action;  // added | updated | deleted | merged (and v2's create, change, delete)
  std::string event_object;  // person | deal | organization | activity | lead
  std::string brevo_event;
  int line = 0;
};

// An interval that follows from what the plan's tokens allow.
inline constexpr Duration kAutomatic{-1};

struct Schedule {
  Duration interval{};  // zero = off; kAutomatic for incremental runs only
  double jitter = 0.1;  // of the interval, either way
};

// How persons are identified and written.
struct PersonOptions {
  mapping::ConflictPolicy on_conflict = mapping::ConflictPolicy::kPipedriveWins;
  std::string default_region;          // ISO 3166 of phones typed without country code; "" = none
  std::string without_email = "skip";  // skip | ext_id
  std::string on_delete = "keep";      // keep | unlink | delete
  int import_threshold = 50;           // from this many changed contacts on an import job is sent
  std::vector<int64_t> create_persons_from;  // Brevo lists whose contacts become persons; sorted
  int flips_per_hour = 10;                   // a record that goes back and forth more often rests
  Schedule incremental{kAutomatic, 0.1};
  Schedule full{std::chrono::hours(24 * 7), 0.1};
};

// What is done to a person that is erased on request.
struct ErasureOptions {
  std::string pipedrive = "anonymise";  // anonymise | delete | keep
  std::string brevo = "delete";         // delete | anonymise
};

// How an opt-out is said in Pipedrive.
struct ConsentOptions {
  std::string person_field;                         // a custom field; "" = none
  std::string unsubscribed_value = "unsubscribed";  // what it holds then
  bool marketing_status = true;                     // where the account has it
};

// How deals are read and valued.
struct DealOptions {
  // What one unit of a currency is worth in the company's default currency, by ISO 4217 code.
  std::map<std::string, double> currency_rates;
  // Brevo event of a deal that moved to another stage, beside what `webhooks` says; "" for none.
  std::string stage_changed_event;
  Schedule incremental{kAutomatic, 0.1};
  Schedule full{std::chrono::hours(24 * 7), 0.1};
};

// How organizations are read, and whether they become companies in Brevo.
struct OrganizationOptions {
  Schedule incremental{kAutomatic, 0.1};
  Schedule full{std::chrono::hours(24 * 7), 0.1};
};

// How activities become Brevo events.
struct ActivityOptions {
  std::string participants = "all";  // all | primary
  Duration backfill{};               // before the first run; zero = none
  Schedule incremental{kAutomatic, 0.1};
  Schedule full{std::chrono::hours(24 * 7), 0.1};
};

// How leads are read.
struct LeadOptions {
  bool of_organizations = true;  // a lead without a person is one of its organization's persons
  Schedule incremental{kAutomatic, 0.1};
  // Nothing but webhooks and these runs shows what was deleted or converted.
  Schedule full{std::chrono::hours(24), 0.1};
};

struct Connection {
  std::string name = "default";
  PipedriveConfig pipedrive;
  BrevoConfig brevo;
  SyncSwitches sync;
  ListsConfig lists;
  std::vector<mapping::FieldRule> person_mapping;
  std::vector<StageRule> deal_stage_mapping;
  std::vector<WebhookRule> webhooks;
  PersonOptions persons;
  ConsentOptions consent;
  ErasureOptions erasure;
  DealOptions deals;
  OrganizationOptions organizations;
  ActivityOptions activities;
  LeadOptions leads;
  double reserved_share = 0.2;  // of every burst window, kept for real-time work
};

struct TlsConfig {
  std::string cert_file;
  std::string key_file;
  std::string client_ca_file;  // "" = clients need no certificate
};

struct ServerConfig {
  std::string grpc_listen = "127.0.0.1:9090";
  TlsConfig grpc_tls;
  Secret grpc_tokens;          // with commas or white space between them; "" = none is asked for
  bool grpc_insecure = false;  // plaintext on addresses other than loopback
  std::string public_listen = ":8080";
  double public_requests_per_second = 1000;  // per peer address; 0 = no limit
  int public_connections_per_address = 1024;
  std::string public_trusted_proxies;  // networks whose X-Forwarded-For is believed
  std::string admin_listen = ":9464";
};

struct HttpConfig {
  std::string proxy;    // "" = none
  std::string ca_file;  // "" = the system's
  bool http2 = false;
  Duration connect_timeout = std::chrono::seconds(10);
  Duration timeout = std::chrono::seconds(60);
};

// Only for tests and demonstrations: a clock that runs faster, shared with a simulator.
struct ClockConfig {
  double scale = 1.0;
  double origin_unix_seconds = 0;
};

struct Config {
  std::vector<Connection> connections;  // at least one
  std::string store_url = "sqlite:data/connector.db";
  Secret store_encryption_key;       // "" = one made of the OAuth client's secret
  Secret store_old_encryption_keys;  // with commas or white space between them
  ServerConfig server;
  HttpConfig http;
  ClockConfig clock;
  std::string log_level = "info";  // debug | info | warning | error
  int workers = 4;                 // threads that make vendor calls for converging
};

// One thing wrong with a file.
struct Problem {
  int line = 0;             // 1-based; 0: the file as a whole
  bool is_warning = false;  // the service starts all the same
  std::string key;          // "connectors.pipedrive.sync.persons"
  std::string text;         // what is wrong, what is allowed, the nearest known name; no secrets
};

struct Loaded {
  Config config;
  std::vector<Problem> problems;
  bool ok() const {
    for (const Problem& problem : problems) {
      if (!problem.is_warning) return false;
    }
    return true;
  }
};

// Looks up environment variables; handed in so that tests need no process environment.
using Environment = std::map<std::string, std::string>;
Environment ProcessEnvironment();

// Reads the YAML text. Never fails as a whole: everything found wrong is in `problems`, all at
// once.
// ${NAME} is expanded from `environment`; `x_file: path` reads a secret from a file.
Loaded Parse(const std::string& yaml, const Environment& environment);

// Reads the file; one problem if it cannot be read.
Loaded Load(const std::string& path, const Environment& environment);

// The effective values, one "key: value" a line with secrets as ***, for the start-up log.
std::string Describe(const Config& config);

}  // namespace connector::config
