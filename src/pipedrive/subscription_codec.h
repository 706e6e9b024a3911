#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "pipedrive/webhook_client.h"

namespace connector::pipedrive {

// POST /v1/webhooks. Its version is always said: the default has changed once.
std::string EncodeSubscription(const NewSubscription& subscription);

// GET /v1/webhooks. UNAVAILABLE if it is not whole.
absl::StatusOr<std::vector<Subscription>> DecodeSubscriptions(std::string_view body);

// What POST /v1/webhooks answers: the id.
absl::StatusOr<int64_t> DecodeSubscriptionId(std::string_view body);

}  // namespace connector::pipedrive
