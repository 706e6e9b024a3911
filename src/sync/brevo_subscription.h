#pragma once

// Which webhook Brevo should hold for one connection, and making it so.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/secret.h"
#include "brevo/webhook_client.h"
#include "http/caller.h"
#include "sync/subscription_plan.h"

namespace connector::sync {

struct BrevoSubscriptionSettings {
  std::string url;  // of our door; "": nothing is subscribed
  Secret token;     // what deliveries are to prove themselves with
};

// Pure. One webhook tells of all that is wanted. Of those that lead to our address the oldest stays
// and is changed if it lacks something (kReplace: its id remains), the others go. Whatever leads
// elsewhere is none of our business.
std::vector<SubscriptionStep> PlanBrevoSubscription(
    const std::vector<brevo::Subscription>& existing, const BrevoSubscriptionSettings& settings);

// Carries a plan out; the new one first, so that nothing is missed meanwhile. Fills in the new id.
absl::Status ApplyBrevoSubscription(brevo::WebhookClient& client,
                                    const BrevoSubscriptionSettings& settings,
                                    const http::CallContext& context,
                                    std::vector<SubscriptionStep>& steps);

bool IsOurs(const brevo::Subscription& subscription, const BrevoSubscriptionSettings& settings);

}  // namespace connector::sync
