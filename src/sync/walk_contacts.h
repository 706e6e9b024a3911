#pragma once

#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sync/accounts.h"
#include "sync/planning.h"
#include "sync/run_session.h"

namespace connector::sync {

// The watermark of when the last whole look at Brevo began, by its clock.
inline constexpr std::string_view kContactsRead = "contacts.read";

// Contacts of Brevo into the local table: all, or what changed since a time.
absl::Status WalkContacts(const Accounts& accounts, const Planning& planning, RunSession& session,
                          std::optional<Time> modified_since = std::nullopt);

// When the last walk of all contacts began, by Brevo's clock; nullopt if there was none.
absl::StatusOr<std::optional<Time>> ContactsReadAt(RunSession& session);

// Where so many contacts may or may not be in Brevo that they are worth an import, what changed
// there since the last walk is read, so that the rest is known to be absent.
absl::Status ResolveUnknownContacts(const Accounts& accounts, const Planning& planning,
                                    RunSession& session);

// After WalkContacts: contacts that were written and that Brevo did not show are to be written
// again.
absl::Status ReopenVanishedContacts(RunSession& session);

}  // namespace connector::sync
