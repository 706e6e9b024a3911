#pragma once

// Applies the steps of store/schema.h.

#include <string>

#include "absl/status/status.h"
#include "store/postgres_handle.h"
#include "store/sql.h"

namespace connector::store {

// Brings the database to this version's schema, each step in a transaction of its own; safe when
// several processes start at once. FAILED_PRECONDITION if it was written by a newer version or is
// some other program's database; `name` is how the message calls it.
absl::Status MigrateSqlite(SqlHandle& db, const std::string& name);

// The same inside the caller's transaction, which excludes other writers.
absl::Status MigratePostgres(PostgresHandle& db);

}  // namespace connector::store
