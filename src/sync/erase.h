#pragma once

// Erasing a person on request, here, in Pipedrive and in Brevo.

#include <string>

#include "absl/status/statusor.h"
#include "http/caller.h"
#include "store/store.h"
#include "sync/accounts.h"
#include "sync/contact_key.h"

namespace connector::sync {

// On whose behalf: how long, and the id of the audit record that a new erasure gets.
struct EraseContext {
  http::CallContext call;
  std::string audit_id;
};

// What is held here goes in one transaction, with tombstones; then the vendors are told by the
// configured policy. What can't be reached stays pending and is tried again by ResumeErasures, also
// after a crash. Asked again, it goes on with what is pending and answers with the same record.
// Errors: NOT_FOUND (nobody here, in Pipedrive or in Brevo is known by the key), UNAVAILABLE (the
// contact is being written until the deadline), FAILED_PRECONDITION as StoredPlanning.
absl::StatusOr<store::Erasure> EraseContact(const Accounts& accounts, const ContactKey& key,
                                            const EraseContext& context);

// Goes on with what earlier erasures left pending.
absl::Status ResumeErasures(const Accounts& accounts, const http::CallContext& context);

}  // namespace connector::sync
