#pragma once

// Ingest, a page at a time: fetch, decode, fold, and commit rows and cursor together. A walk that
// was cut off goes on with the page after the last one committed.

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "sync/accounts.h"
#include "sync/planning.h"
#include "sync/run_session.h"

namespace connector::sync {

// Vendors' clocks and ours differ, and rows become visible late: what was changed this long before
// the last look is read again.
inline constexpr Duration kOverlap = std::chrono::seconds(60);

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

// Organizations, changed ones only with `since`; nothing if no organization field is mapped.
absl::Status WalkOrganizations(const Accounts& accounts, const Planning& planning,
                               RunSession& session, std::optional<Time> since);

// Which persons, and what is known beside them.
struct PersonsWalk {
  pipedrive::PersonsQuery query;
  // Brevo was read in this run: an unknown address is known not to be there.
  bool contacts_are_known = false;
  // All organizations were read in this run: an unknown one need not be asked for.
  bool organizations_are_known = false;
  // The mapping changed: contacts of unchanged persons are planned again, too.
  bool mark_all = false;
  // Name of the watermark that takes the time of the first page's answer, or "".
  std::string note_time_in;
};
// Persons that the query selects; those with more ids than a call takes are read by the hundred.
absl::Status WalkPersons(const Accounts& accounts, const Planning& planning, RunSession& session,
                         const PersonsWalk& walk);

}  // namespace connector::sync
