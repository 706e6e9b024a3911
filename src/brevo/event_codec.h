#pragma once

// Events as text, there and back.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "brevo/event.h"

namespace connector::brevo {

// POST /events. INVALID_ARGUMENT with Reaction::kFailRecord, naming what Brevo would refuse.
absl::StatusOr<std::string> EncodeEvent(const Event& event);

// POST /events/batch, from what EncodeEvent() made.
std::string EncodeEventBatch(std::span<const std::string> events);

// What POST /events/batch answers: one status for each of `count` events. UNAVAILABLE if the answer
// does not tell which of them failed.
absl::StatusOr<std::vector<absl::Status>> DecodeBatchOutcome(std::string_view body, size_t count);

// GET /events. UNAVAILABLE if it is not whole.
absl::StatusOr<EventPage> DecodeEvents(std::string_view body);

}  // namespace connector::brevo
