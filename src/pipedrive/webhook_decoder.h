#pragma once

// Pipedrive's webhooks, version 2 and version 1, and the form in which an internal service tells
// of a change: {"topic": "deal.stage_changed", "payload": {"dealId": 8, ...}}. Pure; any thread.

#include <string_view>

#include "absl/status/statusor.h"
#include "model/source_event.h"
#include "pipedrive/custom_fields.h"

namespace connector::pipedrive {

// The largest body that is read. A person with 100 custom fields and 300 permitted users is 20 kB.
inline constexpr size_t kMaxWebhookBytes = size_t{1} << 20;

// Which custom fields a record keeps, with their types. Only version 1 needs the types: it writes
// the options of an enum as the text "12,13".
struct WebhookFields {
  WantedFields person = WantedFields::All();
  WantedFields organization = WantedFields::All();
  WantedFields deal = WantedFields::All();  // also those of leads
};

// INVALID_ARGUMENT, saying what is wrong, for what is too large, not JSON, nested too deeply, or
// has no such envelope. Two things are no errors, since ten refused deliveries make Pipedrive stop
// for half an hour and lose what happens meanwhile: an object or action this version does not know
// (it decodes to kOther), and a record in a shape it does not know (it is left out, to be read from
// the API).
absl::StatusOr<SourceEvent> DecodeWebhook(std::string_view body, const WebhookFields& fields = {});

}  // namespace connector::pipedrive
