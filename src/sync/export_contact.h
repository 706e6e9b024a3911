#pragma once

// All that is held about one person: here, in Pipedrive and in Brevo.

#include <optional>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "http/caller.h"
#include "model/tree.h"
#include "sync/accounts.h"
#include "sync/contact_key.h"
#include "sync/records.h"

namespace connector::sync {

struct ContactExport {
  Tree::Members store;
  std::optional<Tree::Members> pipedrive;  // "persons" and their "deals"; nullopt: nobody is there
  std::optional<Tree::Members> brevo;      // the contact; nullopt: it isn't there
  Time at{};
};

// Reads both accounts as they are now; changes nothing. Of somebody who was erased, the audit
// record and what the vendors were left with. NOT_FOUND: nobody is known by the key anywhere.
// Otherwise the vendors' errors: half an answer would be taken for a whole one.
absl::StatusOr<ContactExport> ExportContact(const Accounts& accounts, Records& records,
                                            const ContactKey& key,
                                            const http::CallContext& context);

}  // namespace connector::sync
