#pragma once

// The schema of the SQLite database as numbered steps. A step is never changed once released; a
// change is a new step at the end.

#include <string>

#include "absl/status/status.h"
#include "store/sql.h"

namespace connector::store {

// Brings the database to this version's schema, each step in a transaction of its own; safe when
// several processes start at once. FAILED_PRECONDITION if it was written by a newer version or is
// some other program's database; `name` is how the message calls it.
absl::Status Migrate(SqlHandle& db, const std::string& name);

}  // namespace connector::store
