#pragma once

// The dirty queue, inside a transaction. A mark's version is new with each marking and never used
// twice, so whoever settles an older one does not clear what came after.

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/sql_session.h"
#include "store/store.h"

namespace connector::store {

// Marks the contact dirty for a run (its number) or, with 0, for whoever comes first. A mark that
// another one made before becomes free.
absl::Status MarkContact(SqlSession& session, int64_t contact, int64_t run,
                         Urgency urgency = Urgency::kWaits);

// Ends one converge: clears the mark if its version is still the settled one, and ends its lease.
// `open_rows` is the number of open import rows of the contact that end with it (0 or 1).
absl::Status SettleMark(SqlSession& session, const Settlement& settlement, int64_t open_rows);

// An import row of the contact is open: it leaves the queue.
absl::Status OpenImportRow(SqlSession& session, int64_t contact);
// An import row ended without being settled: the contact is dirty, whatever became of it meanwhile.
absl::Status ReopenMark(SqlSession& session, int64_t contact, int64_t run);

// Prolongs, or ends, the leases of all contacts that `owner` has leased.
absl::Status RenewContacts(SqlHandle& db, int64_t conn, std::string_view owner, Time until);
absl::Status ReleaseContacts(SqlHandle& db, int64_t conn, std::string_view owner);

// Frees the marks that a run holds back.
absl::Status FreeMarks(SqlSession& session, int64_t run);

}  // namespace connector::store
