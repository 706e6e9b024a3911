#pragma once

// What every step of a sync works with: one pair of accounts and the settings of its connection.

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "brevo/client.h"
#include "mapping/deal_totals.h"
#include "mapping/field_map.h"
#include "mapping/phone.h"
#include "metrics/sync_metrics.h"
#include "pipedrive/client.h"
#include "pipedrive/person_client.h"
#include "reconcile/lists.h"
#include "store/store.h"
#include "sync/event_rules.h"
#include "sync/removal_settings.h"
#include "sync/two_way_settings.h"

namespace connector::sync {

// The configured part of a connection, as far as syncing persons goes.
struct Settings {
  std::string connection = "default";
  bool persons = true;  // switched on
  std::vector<mapping::FieldRule> person_mapping;
  int64_t all_contacts_list = 0;  // 0: none
  // A person without a usable e-mail becomes a contact that is known by its EXT_ID, rather than
  // none.
  bool contacts_without_email = false;
  EventRules event_rules;
  bool organizations = true;  // are synced by themselves; their fields come with persons anyway
  bool activities = false;    // become Brevo events, by `event_rules`
  // A first run of activities tells those of so long before it; zero: none.
  Duration activity_backfill{};
  bool leads = false;  // lead fields and this list come from the table of leads
  int64_t qualified_leads_list = 0;
  // A lead of an organization and no person is one of all persons of the organization.
  bool leads_of_organizations = true;
  // Deals are synced: counts, revenue and these lists come from the table of deals.
  bool deals = false;
  reconcile::DealLists deal_lists;
  mapping::CurrencyRates currency_rates;
  RemovalSettings removal;
  TwoWaySettings two_way;
  // From this many contacts to be written on, an import job is cheaper than single writes: a job
  // costs one call and some polls, single writes run at 10 a second.
  int import_threshold = 50;
  // Name of the API key in Brevo that this service uses: changes it made are told with this name.
  // "": not known.
  std::string brevo_key_name;
  // Incremental runs use the stored schemas of both accounts up to this age; full runs read them.
  Duration schema_max_age = std::chrono::hours(24);
};

// One connection at work. The referenced objects outlive it; any thread may use it.
struct Accounts {
  Settings settings;
  pipedrive::Client& pipedrive;
  pipedrive::PersonClient& person_writes;
  brevo::Client& brevo;
  store::Store& store;
  Clock& clock;
  const Logger& log;
  metrics::SyncMetrics& metrics;
  mapping::PhoneNormalizer& phones;
};

}  // namespace connector::sync
