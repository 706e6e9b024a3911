#pragma once

// Which webhook subscriptions Pipedrive should hold for one connection, and making it so.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/secret.h"
#include "http/caller.h"
#include "pipedrive/webhook_client.h"

namespace connector::sync {

using Subscription = pipedrive::Subscription;

struct SubscriptionSettings {
  std::string url;                   // of our door; "": nothing is subscribed
  std::vector<std::string> objects;  // "person", "deal", ...: all actions of each are wanted
  std::string user;                  // what deliveries are to prove themselves with
  Secret password;
};

// The door's address for a public address with or without a path, "" for "".
std::string DoorUrl(std::string_view public_url, std::string_view path);

// One subscription and what is to be done about it.
struct SubscriptionStep {
  enum class Action { kKeep, kCreate, kRemove, kReplace } action = Action::kKeep;
  std::string event;  // "*.person"
  int64_t id = 0;     // of the one that is kept, removed or replaced; 0: made anew
  std::string why;    // for people; no secrets
  bool operator==(const SubscriptionStep&) const = default;
};

// Why subscriptions that look as they should have to be replaced all the same, by their ids.
using Faults = std::map<int64_t, std::string>;

// Pure. All subscriptions to our address are ours to tidy: one for each object, of version 2.0,
// active and with our credentials, stays; what delivers the same events a second time goes, and so
// does what bears our name for an object that is not wanted any more. Whatever leads elsewhere is
// none of our business. An object's kept or new subscription comes before what is removed for it.
std::vector<SubscriptionStep> PlanSubscriptions(const std::vector<Subscription>& existing,
                                                const SubscriptionSettings& settings,
                                                const Faults& faults = {});

// Carries a plan out where `existing` subscriptions were found; new ones first, so that nothing is
// missed meanwhile, unless the 40 that Pipedrive allows would be passed. Fills in the new ids. Ends
// at the first step that fails; planning anew takes up the rest.
absl::Status ApplySubscriptions(pipedrive::WebhookClient& client, size_t existing,
                                const SubscriptionSettings& settings,
                                const http::CallContext& context,
                                std::vector<SubscriptionStep>& steps);

// Whether deliveries to one of ours failed lately, so that changes may have been missed: the last
// one was answered with something else than 2xx, or by nobody.
bool LastDeliveryFailed(const Subscription& subscription);
bool IsOurs(const Subscription& subscription, const SubscriptionSettings& settings);

}  // namespace connector::sync
