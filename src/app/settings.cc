#include "app/settings.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "app/doors.h"
#include "app/event_rules.h"
#include "base/strings.h"
#include "config/reconcile_interval.h"

namespace connector::app {
namespace {

reconcile::DealLists DealListsOf(const config::Connection& connection) {
  reconcile::DealLists lists;
  lists.customers = connection.lists.customers;
  lists.churned = connection.lists.churned;
  for (const config::StageRule& rule : connection.deal_stage_mapping) {
    reconcile::DealLists::Rule out{.pipeline_id = rule.pipeline_id, .list_id = rule.list_id};
    auto& rules = rule.key == "won" ? lists.won : rule.key == "lost" ? lists.lost : lists.stages;
    // The configuration has checked that it is a number.
    if (&rules == &lists.stages && !absl::SimpleAtoi(rule.key, &out.stage_id)) continue;
    rules.push_back(out);
  }
  return lists;
}

sync::TwoWaySettings TwoWayOf(const config::Connection& connection) {
  sync::TwoWaySettings two_way;
  two_way.consent.person_field = connection.consent.person_field;
  two_way.consent.unsubscribed_value = connection.consent.unsubscribed_value;
  two_way.consent.marketing_status = connection.consent.marketing_status;
  two_way.create_persons_from = connection.persons.create_persons_from;
  two_way.flips_per_hour = connection.persons.flips_per_hour;
  return two_way;
}

sync::RemovalSettings RemovalOf(const config::Connection& connection) {
  const config::PersonOptions& persons = connection.persons;
  sync::RemovalSettings removal;
  if (persons.on_delete == "unlink") removal.on_delete = sync::OnDelete::kUnlink;
  if (persons.on_delete == "delete") removal.on_delete = sync::OnDelete::kDelete;
  const config::ErasureOptions& erasure = connection.erasure;
  if (erasure.pipedrive == "delete") removal.erase_in_pipedrive = sync::PipedriveErasure::kDelete;
  if (erasure.pipedrive == "keep") removal.erase_in_pipedrive = sync::PipedriveErasure::kKeep;
  if (erasure.brevo == "anonymise") removal.erase_in_brevo = sync::BrevoErasure::kAnonymise;
  return removal;
}

bool Maps(const config::Connection& connection, std::string_view prefix) {
  return std::any_of(connection.person_mapping.begin(), connection.person_mapping.end(),
                     [prefix](const mapping::FieldRule& rule) {
                       return absl::StartsWith(rule.source, ToAbsl(prefix));
                     });
}

bool MapsOrganizations(const config::Connection& connection) { return Maps(connection, "org_id."); }
bool UsesLeads(const config::Connection& connection) {
  return connection.lists.qualified_leads != 0 || Maps(connection, "lead.") ||
         Maps(connection, "open_leads_count");
}

}  // namespace

sync::Settings SettingsOf(const config::Connection& connection) {
  sync::Settings settings;
  settings.connection = connection.name;
  settings.persons = connection.sync.persons;
  settings.person_mapping = connection.person_mapping;
  settings.all_contacts_list = connection.lists.all_contacts;
  settings.event_rules = EventRulesOf(connection);
  settings.deals = connection.sync.deals;
  settings.deal_lists = DealListsOf(connection);
  settings.organizations = connection.sync.organizations;
  settings.activities = connection.sync.activities;
  settings.activity_backfill = connection.activities.backfill;
  settings.leads = connection.sync.leads;
  settings.qualified_leads_list = connection.lists.qualified_leads;
  settings.leads_of_organizations = connection.leads.of_organizations;
  settings.currency_rates = connection.deals.currency_rates;
  settings.removal = RemovalOf(connection);
  settings.two_way = TwoWayOf(connection);
  settings.import_threshold = connection.persons.import_threshold;
  settings.brevo_key_name = connection.brevo.api_key_name;
  settings.contacts_without_email = connection.persons.without_email == "ext_id";
  return settings;
}

sync::SubscriptionSettings SubscriptionsOf(const config::Connection& connection) {
  const config::DoorConfig& door = connection.pipedrive.webhook;
  sync::SubscriptionSettings settings;
  settings.url = sync::DoorUrl(door.public_url, "/webhooks/pipedrive");
  for (const SourceObject object : WatchedObjects(connection)) {
    settings.objects.emplace_back(SourceObjectName(object));
  }
  settings.user = door.user;
  settings.password = door.password;
  return settings;
}

std::vector<worker::Scheduler::Entry> ScheduleOf(const config::Config& config) {
  std::vector<worker::Scheduler::Entry> entries;
  for (const config::Connection& connection : config.connections) {
    if (!connection.pipedrive.enabled) continue;
    const auto add = [&](RunKind kind, RunMode mode, const config::Schedule& schedule) {
      const Duration interval = schedule.interval == config::kAutomatic
                                    ? config::ReconcileInterval(connection)
                                    : schedule.interval;
      entries.push_back({connection.name, kind, mode, interval, schedule.jitter});
    };
    const auto add_kind = [&](bool on, RunKind kind, const auto& options) {
      if (!on) return;
      add(kind, RunMode::kFull, options.full);
      add(kind, RunMode::kIncremental, options.incremental);
    };
    const config::SyncSwitches& sync = connection.sync;
    add_kind(sync.persons, RunKind::kPersons, connection.persons);
    add_kind(sync.deals, RunKind::kDeals, connection.deals);
    add_kind(sync.organizations && MapsOrganizations(connection), RunKind::kOrganizations,
             connection.organizations);
    add_kind(sync.activities && EventRulesOf(connection).Concern(SourceObject::kActivity),
             RunKind::kActivities, connection.activities);
    add_kind(sync.leads && UsesLeads(connection), RunKind::kLeads, connection.leads);
  }
  return entries;
}

}  // namespace connector::app
