#pragma once

// The compact binary form in which values rest in the store. Version byte first; fields are
// appended, never reordered, and a reader takes what is missing at the end as empty, so that an
// older row is readable by a newer version.

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "model/brevo_change.h"
#include "model/contact.h"
#include "model/contact_state.h"
#include "model/deal.h"
#include "model/lead.h"
#include "model/organization.h"
#include "model/outbox_event.h"
#include "model/person.h"
#include "model/run.h"
#include "model/schema.h"

namespace connector {

std::string Encode(const Person& person);
std::string Encode(const Organization& organization);
std::string Encode(const Lead& lead);
std::string Encode(const Deal& deal);
std::string Encode(const ContactState& state);  // without key: that is the row's own
std::string Encode(const ContactWrite& write);
std::string Encode(const AccountSchema& schema);
std::string Encode(const RunOptions& options);
std::string Encode(const RunProgress& progress);
std::string Encode(const PlannedChange& change);
std::string Encode(const OutboxEvent& event);
std::string Encode(const BrevoChange& change);

// Each fails with DATA_LOSS on bytes that Encode did not write; never reads out of bounds.
absl::StatusOr<Person> DecodePerson(std::string_view bytes);
absl::StatusOr<Organization> DecodeOrganization(std::string_view bytes);
absl::StatusOr<Deal> DecodeDeal(std::string_view bytes);
absl::StatusOr<Lead> DecodeLead(std::string_view bytes);
absl::StatusOr<ContactState> DecodeContactState(std::string_view bytes);
absl::StatusOr<ContactWrite> DecodeContactWrite(std::string_view bytes);
absl::StatusOr<AccountSchema> DecodeAccountSchema(std::string_view bytes);
absl::StatusOr<RunOptions> DecodeRunOptions(std::string_view bytes);
absl::StatusOr<RunProgress> DecodeRunProgress(std::string_view bytes);
absl::StatusOr<PlannedChange> DecodePlannedChange(std::string_view bytes);
absl::StatusOr<OutboxEvent> DecodeOutboxEvent(std::string_view bytes);
absl::StatusOr<BrevoChange> DecodeBrevoChange(std::string_view bytes);

}  // namespace connector
