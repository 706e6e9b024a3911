#pragma once

// Brevo's marketing webhooks, single or batched, in every shape that has been observed: the
// documents are wrong about several. Pure; any thread.

#include <string_view>

#include "absl/status/statusor.h"
#include "model/brevo_change.h"

namespace connector::brevo {

// The largest body that is read: a batch has up to 500 events.
inline constexpr size_t kMaxWebhookBytes = size_t{4} << 20;

using WebhookChanges = BrevoChanges;

// INVALID_ARGUMENT, saying what is wrong, for what is too large, not JSON, nested too deeply, or
// holds no event at all. Events this version does not know are kOther.
absl::StatusOr<WebhookChanges> DecodeWebhook(std::string_view body);

}  // namespace connector::brevo
