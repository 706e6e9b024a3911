// What Pipedrive's webhooks carry, in both versions (facts/pipedrive.md section 5).
#pragma once

#include <nlohmann/json.hpp>

#include "world.h"

namespace sandbox {

// `sequence` numbers the deliveries of the account: ids are made from it.
nlohmann::json WebhookBodyV2(const World& world, const PipedriveChange& change,
                             const PipedriveWebhook& hook, uint64_t sequence);
nlohmann::json WebhookBodyV1(World& world, const PipedriveChange& change,
                             const PipedriveWebhook& hook);

// Version 1's word for it: added, updated, deleted, merged.
std::string WebhookActionV1(const PipedriveChange& change);

}  // namespace sandbox
