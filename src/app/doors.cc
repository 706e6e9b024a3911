#include "app/doors.h"

#include "brevo/webhook_decoder.h"
#include "pipedrive/webhook_decoder.h"

namespace connector::app {

std::set<SourceObject> WatchedObjects(const config::Connection& connection) {
  std::set<SourceObject> objects;
  const config::SyncSwitches& sync = connection.sync;
  if (!sync.persons) return objects;  // everything ends at a person's contact
  objects.insert(SourceObject::kPerson);
  if (sync.organizations) objects.insert(SourceObject::kOrganization);
  if (sync.deals) {
    objects.insert({SourceObject::kDeal, SourceObject::kPipeline, SourceObject::kStage});
  }
  if (sync.activities) objects.insert(SourceObject::kActivity);
  if (sync.leads) objects.insert(SourceObject::kLead);
  return objects;
}

std::map<std::string, worker::Intake::Source, std::less<>> IntakeSources(
    const config::Config& config, const std::function<void(const std::string&)>& wake,
    const std::function<int64_t(const std::string&)>& company) {
  std::map<std::string, worker::Intake::Source, std::less<>> sources;
  for (const config::Connection& connection : config.connections) {
    if (!connection.pipedrive.enabled) continue;
    sources[connection.name] = {
        .decode = [](std::string_view body) { return pipedrive::DecodeWebhook(body); },
        .objects = WatchedObjects(connection),
        .wake = [wake, name = connection.name] { wake(name); },
        .company = [company, name = connection.name] { return company(name); }};
    if (connection.sync.persons) sources[connection.name].decode_brevo = brevo::DecodeWebhook;
  }
  return sources;
}

std::vector<edge::DoorKeys> PipedriveDoorKeys(const config::Config& config) {
  std::vector<edge::DoorKeys> keys;
  for (const config::Connection& connection : config.connections) {
    if (!connection.pipedrive.enabled) continue;
    const config::DoorConfig& door = connection.pipedrive.webhook;
    keys.push_back({connection.name, door.user, door.password, door.old_password});
  }
  return keys;
}

std::vector<edge::BrevoDoorKeys> BrevoDoorKeys(const config::Config& config) {
  std::vector<edge::BrevoDoorKeys> keys;
  for (const config::Connection& connection : config.connections) {
    if (!connection.pipedrive.enabled) continue;
    const config::DoorConfig& door = connection.brevo.webhook;
    keys.push_back({connection.name, door.token, door.old_token});
  }
  return keys;
}

}  // namespace connector::app
