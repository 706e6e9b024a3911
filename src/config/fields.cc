#include "config/fields.h"

#include "quota/plan.h"

namespace connector::config {
namespace {

// The largest whole number that every JSON reader keeps exact.
constexpr double kMaxId = 9007199254740991.0;
constexpr double kMinute = 60;
constexpr double kDay = 24 * 60 * kMinute;

template <auto... Members>
Slot Global(Config& config) {
  return &(config.*....*Members);
}

template <auto... Members>
Slot Local(Config& config) {
  return &(config.connections.front().*....*Members);
}

using P = PipedriveConfig;
using B = BrevoConfig;
using C = Connection;

std::vector<Field> PipedriveFields() {
  return {
      {"connectors.pipedrive.enabled", Kind::kSwitch, Local<&C::pipedrive, &P::enabled>,
       "Off: nothing is read from or written to Pipedrive."},
      {.key = "connectors.pipedrive.api_token",
       .kind = Kind::kSecret,
       .slot = Local<&C::pipedrive, &P::api_token>,
       .description = "Settings > Personal preferences > API. Not needed with OAuth.",
       .environment = "PIPEDRIVE_API_TOKEN"},
      {"connectors.pipedrive.company_domain", Kind::kDomain,
       Local<&C::pipedrive, &P::company_domain>, "The part before `.pipedrive.com`."},
      {"connectors.pipedrive.api_base_url", Kind::kOrigin, Local<&C::pipedrive, &P::api_base_url>,
       "Where Pipedrive's API is, if not at the company domain: a simulator or a proxy."},
      {"connectors.pipedrive.api_version",
       Kind::kChoice,
       Local<&C::pipedrive, &P::api_version>,
       "`check --live` says which one to use.",
       0,
       0,
       {"v1", "v2"}},
      {"connectors.pipedrive.plan", Kind::kChoice, Local<&C::pipedrive, &P::plan>,
       "Sets the call limits; learnt from Pipedrive's answers if not given.", 0, 0,
       quota::PlanNames(quota::Api::kPipedrive)},
      {"connectors.pipedrive.seats", Kind::kInteger, Local<&C::pipedrive, &P::seats>,
       "Paid seats: they multiply the daily API tokens.", 1, 100000},
      {"connectors.pipedrive.oauth.client_id", Kind::kText,
       Local<&C::pipedrive, &P::oauth, &OAuthConfig::client_id>,
       "Of a Pipedrive app; OAuth is used instead of the API token."},
      {"connectors.pipedrive.oauth.client_secret", Kind::kSecret,
       Local<&C::pipedrive, &P::oauth, &OAuthConfig::client_secret>, "Of the same app."},
      {"connectors.pipedrive.oauth.redirect_uri", Kind::kUrl,
       Local<&C::pipedrive, &P::oauth, &OAuthConfig::redirect_uri>,
       "As registered with the app; ends in `/oauth/callback`."},
      {"connectors.pipedrive.oauth.base_url", Kind::kOrigin,
       Local<&C::pipedrive, &P::oauth, &OAuthConfig::base_url>,
       "Where Pipedrive's OAuth server is, if not at `https://oauth.pipedrive.com`; a plain http "
       "`api_base_url`, which only a simulator has, serves for it too."},
      {"connectors.pipedrive.oauth.authorize_password", Kind::kSecret,
       Local<&C::pipedrive, &P::oauth, &OAuthConfig::authorize_password>,
       "Asked for by `/oauth/authorize`, with any user name; without one anybody may begin there."},
      {"connectors.pipedrive.webhook.user", Kind::kText,
       Local<&C::pipedrive, &P::webhook, &DoorConfig::user>,
       "User name that Pipedrive's webhooks must send."},
      {"connectors.pipedrive.webhook.password", Kind::kSecret,
       Local<&C::pipedrive, &P::webhook, &DoorConfig::password>,
       "Password that Pipedrive's webhooks must send; without one the door is closed."},
      {"connectors.pipedrive.webhook.old_password", Kind::kSecret,
       Local<&C::pipedrive, &P::webhook, &DoorConfig::old_password>,
       "Also valid while a new password is being rolled out; remove it afterwards."},
      {"connectors.pipedrive.webhook.public_url", Kind::kUrl,
       Local<&C::pipedrive, &P::webhook, &DoorConfig::public_url>,
       "Address of this service for Pipedrive; webhooks are subscribed only if it is given."},
  };
}

std::vector<Field> SwitchAndListFields() {
  const std::string_view records = "Whether records of this kind are synced.";
  const auto list = [](std::string_view key, Slot (*slot)(Config&), std::string_view description) {
    return Field{key, Kind::kInteger, slot, description, 1, kMaxId};
  };
  return {
      {"connectors.pipedrive.sync.persons", Kind::kSwitch, Local<&C::sync, &SyncSwitches::persons>,
       records},
      {"connectors.pipedrive.sync.deals", Kind::kSwitch, Local<&C::sync, &SyncSwitches::deals>,
       records},
      {"connectors.pipedrive.sync.organizations", Kind::kSwitch,
       Local<&C::sync, &SyncSwitches::organizations>, records},
      {"connectors.pipedrive.sync.activities", Kind::kSwitch,
       Local<&C::sync, &SyncSwitches::activities>, records},
      {"connectors.pipedrive.sync.leads", Kind::kSwitch, Local<&C::sync, &SyncSwitches::leads>,
       records},
      list("connectors.pipedrive.lists.all_contacts", Local<&C::lists, &ListsConfig::all_contacts>,
           "Brevo list of every synced contact."),
      list("connectors.pipedrive.lists.qualified_leads",
           Local<&C::lists, &ListsConfig::qualified_leads>,
           "Brevo list of contacts with an open lead."),
      list("connectors.pipedrive.lists.customers", Local<&C::lists, &ListsConfig::customers>,
           "Brevo list of contacts with a won deal."),
      list("connectors.pipedrive.lists.churned", Local<&C::lists, &ListsConfig::churned>,
           "Brevo list of contacts with a won deal, none open and a later lost one."),
  };
}

std::vector<Field> BrevoFields() {
  return {
      {.key = "connectors.brevo.api_key",
       .kind = Kind::kSecret,
       .slot = Local<&C::brevo, &B::api_key>,
       .description = "Brevo > SMTP & API > API keys.",
       .environment = "BREVO_API_KEY"},
      {"connectors.brevo.api_base_url", Kind::kOrigin, Local<&C::brevo, &B::api_base_url>,
       "Where Brevo's API is."},
      {"connectors.brevo.plan", Kind::kChoice, Local<&C::brevo, &B::plan>,
       "Sets the call limits; learnt from Brevo's answers if not given.", 0, 0,
       quota::PlanNames(quota::Api::kBrevo)},
      {"connectors.brevo.api_key_name", Kind::kText, Local<&C::brevo, &B::api_key_name>,
       "Name that `api_key` has in Brevo, used by nothing else: webhooks of this service's own "
       "writes are recognised by it."},
      {"connectors.brevo.webhook.token", Kind::kSecret,
       Local<&C::brevo, &B::webhook, &DoorConfig::token>,
       "Bearer token that Brevo's webhooks must send, or password of HTTP Basic; without one the "
       "door is closed."},
      {"connectors.brevo.webhook.old_token", Kind::kSecret,
       Local<&C::brevo, &B::webhook, &DoorConfig::old_token>,
       "Also accepted while `token` is being changed."},
      {"connectors.brevo.webhook.public_url", Kind::kUrl,
       Local<&C::brevo, &B::webhook, &DoorConfig::public_url>,
       "Address of this service for Brevo; webhooks are subscribed only if it is given."},
  };
}

std::vector<Field> SyncFields() {
  return {
      {"sync_options.persons.on_conflict",
       Kind::kChoice,
       Local<&C::persons, &PersonOptions::on_conflict>,
       "Who wins if a field changed on both sides; a line of `person_mapping` may differ.",
       0,
       0,
       {"pipedrive_wins", "brevo_wins", "latest_wins"}},
      {"sync_options.persons.default_region", Kind::kRegion,
       Local<&C::persons, &PersonOptions::default_region>,
       "Country of phone numbers without a country code; such numbers are dropped if not given."},
      {"sync_options.persons.without_email",
       Kind::kChoice,
       Local<&C::persons, &PersonOptions::without_email>,
       "Persons without a usable e-mail: skip them, or make contacts known by their `EXT_ID`.",
       0,
       0,
       {"skip", "ext_id"}},
      {"sync_options.persons.on_delete",
       Kind::kChoice,
       Local<&C::persons, &PersonOptions::on_delete>,
       "A contact whose person was deleted in Pipedrive: keep it, take it off the lists the "
       "connector "
       "put it on, or delete it in Brevo.",
       0,
       0,
       {"keep", "unlink", "delete"}},
      {"sync_options.persons.import_threshold", Kind::kInteger,
       Local<&C::persons, &PersonOptions::import_threshold>,
       "From this many changed contacts on, one import job is sent instead of single writes.", 1,
       100000},
      {"sync_options.persons.flips_per_hour", Kind::kInteger,
       Local<&C::persons, &PersonOptions::flips_per_hour>,
       "A record whose values go back and forth more often than this rests for the hour.", 1, 1000},
      {"sync_options.persons.incremental.interval", Kind::kAutoInterval,
       Local<&C::persons, &PersonOptions::incremental, &Schedule::interval>,
       "How often changed persons are read; `auto`: as often as the plan's tokens allow.", 10,
       90 * kDay},
      {"sync_options.persons.incremental.jitter", Kind::kNumber,
       Local<&C::persons, &PersonOptions::incremental, &Schedule::jitter>,
       "Share of the interval by which a start may move either way.", 0, 0.5},
      {"sync_options.persons.full.interval", Kind::kInterval,
       Local<&C::persons, &PersonOptions::full, &Schedule::interval>,
       "How often everything is read on both sides.", kMinute, 365 * kDay},
      {"sync_options.persons.full.jitter", Kind::kNumber,
       Local<&C::persons, &PersonOptions::full, &Schedule::jitter>,
       "Share of the interval by which a start may move either way.", 0, 0.5},
      {"sync_options.consent.person_field", Kind::kText,
       Local<&C::consent, &ConsentOptions::person_field>,
       "Custom field of persons that says who opted out: its key, or its name if only one has it. "
       "Told of blocks in Brevo, and blocks there."},
      {"sync_options.consent.unsubscribed_value", Kind::kText,
       Local<&C::consent, &ConsentOptions::unsubscribed_value>,
       "What the field holds then: the label of an option, or a text."},
      {"sync_options.consent.marketing_status", Kind::kSwitch,
       Local<&C::consent, &ConsentOptions::marketing_status>,
       "Where the account has Campaigns, Pipedrive's marketing status says it, too."},
      {"sync_options.erasure.pipedrive",
       Kind::kChoice,
       Local<&C::erasure, &ErasureOptions::pipedrive>,
       "What erasing a person does in Pipedrive.",
       0,
       0,
       {"anonymise", "delete", "keep"}},
      {"sync_options.erasure.brevo",
       Kind::kChoice,
       Local<&C::erasure, &ErasureOptions::brevo>,
       "What erasing a person does in Brevo.",
       0,
       0,
       {"delete", "anonymise"}},
      {"sync_options.deals.stage_changed_event", Kind::kEventName,
       Local<&C::deals, &DealOptions::stage_changed_event>,
       "Brevo event of a deal that moved to another stage, beside what `webhooks` says; none if "
       "not "
       "given."},
      {"sync_options.deals.incremental.interval", Kind::kAutoInterval,
       Local<&C::deals, &DealOptions::incremental, &Schedule::interval>,
       "How often changed deals are read; `auto`: as often as the plan's tokens allow.", 10,
       90 * kDay},
      {"sync_options.deals.incremental.jitter", Kind::kNumber,
       Local<&C::deals, &DealOptions::incremental, &Schedule::jitter>,
       "Share of the interval by which a start may move either way.", 0, 0.5},
      {"sync_options.deals.full.interval", Kind::kInterval,
       Local<&C::deals, &DealOptions::full, &Schedule::interval>,
       "How often all deals are read, archived ones too.", kMinute, 365 * kDay},
      {"sync_options.deals.full.jitter", Kind::kNumber,
       Local<&C::deals, &DealOptions::full, &Schedule::jitter>,
       "Share of the interval by which a start may move either way.", 0, 0.5},
  };
}

std::vector<Field> SalesFields() {
  return {
      {"sync_options.organizations.incremental.interval", Kind::kAutoInterval,
       Local<&C::organizations, &OrganizationOptions::incremental, &Schedule::interval>,
       "How often changed organizations are read; `auto`: as often as the plan's tokens allow.", 10,
       90 * kDay},
      {"sync_options.organizations.incremental.jitter", Kind::kNumber,
       Local<&C::organizations, &OrganizationOptions::incremental, &Schedule::jitter>,
       "Share of the interval by which a start may move either way.", 0, 0.5},
      {"sync_options.organizations.full.interval", Kind::kInterval,
       Local<&C::organizations, &OrganizationOptions::full, &Schedule::interval>,
       "How often all organizations are read, which shows deleted ones.", kMinute, 365 * kDay},
      {"sync_options.organizations.full.jitter", Kind::kNumber,
       Local<&C::organizations, &OrganizationOptions::full, &Schedule::jitter>,
       "Share of the interval by which a start may move either way.", 0, 0.5},
      {"sync_options.activities.participants",
       Kind::kChoice,
       Local<&C::activities, &ActivityOptions::participants>,
       "Whose contacts get the event of an activity: all participants' or the primary one's.",
       0,
       0,
       {"all", "primary"}},
      {"sync_options.activities.backfill", Kind::kInterval,
       Local<&C::activities, &ActivityOptions::backfill>,
       "Activities added or changed so long before the first run are told, too; off: only newer "
       "ones.",
       kMinute, 3650 * kDay},
      {"sync_options.activities.incremental.interval", Kind::kAutoInterval,
       Local<&C::activities, &ActivityOptions::incremental, &Schedule::interval>,
       "How often new and changed activities are read; `auto`: as often as the plan's tokens "
       "allow.",
       10, 90 * kDay},
      {"sync_options.activities.incremental.jitter", Kind::kNumber,
       Local<&C::activities, &ActivityOptions::incremental, &Schedule::jitter>,
       "Share of the interval by which a start may move either way.", 0, 0.5},
      {"sync_options.activities.full.interval", Kind::kInterval,
       Local<&C::activities, &ActivityOptions::full, &Schedule::interval>,
       "How often all activities since the first run are looked through for what was missed.",
       kMinute, 365 * kDay},
      {"sync_options.activities.full.jitter", Kind::kNumber,
       Local<&C::activities, &ActivityOptions::full, &Schedule::jitter>,
       "Share of the interval by which a start may move either way.", 0, 0.5},
      {"sync_options.leads.of_organizations", Kind::kSwitch,
       Local<&C::leads, &LeadOptions::of_organizations>,
       "A lead of an organization and no person is one of all persons of the organization."},
      {"sync_options.leads.incremental.interval", Kind::kAutoInterval,
       Local<&C::leads, &LeadOptions::incremental, &Schedule::interval>,
       "How often changed leads are read; `auto`: as often as the plan's tokens allow.", 10,
       90 * kDay},
      {"sync_options.leads.incremental.jitter", Kind::kNumber,
       Local<&C::leads, &LeadOptions::incremental, &Schedule::jitter>,
       "Share of the interval by which a start may move either way.", 0, 0.5},
      {"sync_options.leads.full.interval", Kind::kInterval,
       Local<&C::leads, &LeadOptions::full, &Schedule::interval>,
       "How often all leads are read, which shows deleted and converted ones.", kMinute,
       365 * kDay},
      {"sync_options.leads.full.jitter", Kind::kNumber,
       Local<&C::leads, &LeadOptions::full, &Schedule::jitter>,
       "Share of the interval by which a start may move either way.", 0, 0.5},
  };
}

std::vector<Field> ServiceFields() {
  return {
      {"rate.reserved_share", Kind::kNumber, Local<&C::reserved_share>,
       "Share of every call limit that only real-time work may use.", 0, 0.9},
      {"store.url", Kind::kStoreUrl, Global<&Config::store_url>,
       "Where the state is kept: a SQLite file, or a PostgreSQL database that several replicas "
       "share."},
      {"store.encryption_key", Kind::kSecret, Global<&Config::store_encryption_key>,
       "Encrypts OAuth tokens, at least 32 characters: `openssl rand -base64 32`. Without one, a "
       "key "
       "made of `client_secret` does."},
      {"store.old_encryption_keys", Kind::kSecret, Global<&Config::store_old_encryption_keys>,
       "Earlier keys, still good for reading; with commas or spaces between them."},
      {"server.grpc.listen", Kind::kListen, Global<&Config::server, &ServerConfig::grpc_listen>,
       "gRPC. Port 0 takes any free one."},
      {"server.grpc.tls.cert_file", Kind::kFile,
       Global<&Config::server, &ServerConfig::grpc_tls, &TlsConfig::cert_file>,
       "Certificate chain in PEM; a new one is taken up without a restart."},
      {"server.grpc.tls.key_file", Kind::kFile,
       Global<&Config::server, &ServerConfig::grpc_tls, &TlsConfig::key_file>,
       "Its private key in PEM, without a passphrase."},
      {"server.grpc.tls.client_ca_file", Kind::kFile,
       Global<&Config::server, &ServerConfig::grpc_tls, &TlsConfig::client_ca_file>,
       "Lets in only clients with a certificate of these authorities (mTLS)."},
      {"server.grpc.tokens", Kind::kSecret, Global<&Config::server, &ServerConfig::grpc_tokens>,
       "Bearer tokens that callers must send, with commas or spaces between them; every one is "
       "good, so that the old one works until the new one is everywhere."},
      {"server.grpc.insecure", Kind::kSwitch, Global<&Config::server, &ServerConfig::grpc_insecure>,
       "Allows plaintext on an address that other machines reach."},
      {"server.public.listen", Kind::kListen, Global<&Config::server, &ServerConfig::public_listen>,
       "Webhooks and OAuth."},
      {"server.public.requests_per_second", Kind::kNumber,
       Global<&Config::server, &ServerConfig::public_requests_per_second>,
       "From one address, over ten seconds; more are answered 429. 0 is no limit.", 0, 1e6},
      {"server.public.connections_per_address", Kind::kInteger,
       Global<&Config::server, &ServerConfig::public_connections_per_address>,
       "Open at a time from one address.", 1, 4096},
      {"server.public.trusted_proxies", Kind::kNetworks,
       Global<&Config::server, &ServerConfig::public_trusted_proxies>,
       "Networks, with commas between them, whose `X-Forwarded-For` says who the peer is: "
       "`10.0.0.0/8, 192.0.2.7`."},
      {"server.admin.listen", Kind::kListen, Global<&Config::server, &ServerConfig::admin_listen>,
       "Metrics, health and the status page."},
      {"http.proxy", Kind::kProxyUrl, Global<&Config::http, &HttpConfig::proxy>,
       "Proxy for the calls to both APIs."},
      {"http.ca_file", Kind::kFile, Global<&Config::http, &HttpConfig::ca_file>,
       "Certificates to trust instead of the system's."},
      {"http.http2", Kind::kSwitch, Global<&Config::http, &HttpConfig::http2>,
       "Speak HTTP/2 where the other side can."},
      {"http.connect_timeout", Kind::kDuration, Global<&Config::http, &HttpConfig::connect_timeout>,
       "For making a connection.", 0.1, 60},
      {"http.timeout", Kind::kDuration, Global<&Config::http, &HttpConfig::timeout>,
       "For a whole call.", 1, 600},
      {"log.level",
       Kind::kChoice,
       Global<&Config::log_level>,
       "The least important lines that are written.",
       0,
       0,
       {"debug", "info", "warning", "error"}},
      {"workers", Kind::kInteger, Global<&Config::workers>, "Threads that write contacts.", 1, 64},
      {"testing.clock.scale", Kind::kNumber, Global<&Config::clock, &ClockConfig::scale>,
       "Runs time faster. For tests and demonstrations only.", 0.01, 100000},
      {"testing.clock.origin", Kind::kNumber,
       Global<&Config::clock, &ClockConfig::origin_unix_seconds>,
       "Unix seconds from which on it runs faster; the simulator takes the same.", 0, 1e11},
  };
}

}  // namespace

const std::vector<Field>& Fields() {
  static const auto* const fields = [] {
    auto* all = new std::vector<Field>;
    for (const auto& part : {PipedriveFields(), SwitchAndListFields(), BrevoFields(), SyncFields(),
                             SalesFields(), ServiceFields()}) {
      all->insert(all->end(), part.begin(), part.end());
    }
    return all;
  }();
  return *fields;
}

bool HoldsSecret(const Field& field) {
  return field.kind == Kind::kSecret || field.kind == Kind::kStoreUrl ||
         field.kind == Kind::kProxyUrl;
}

}  // namespace connector::config
