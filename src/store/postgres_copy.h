#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "store/postgres_handle.h"
#include "store/sql_database.h"

namespace connector::store {

// A private SQLite database with every row that the transaction of `from` sees: what a dry run
// writes to. Holds a page of rows at a time.
absl::StatusOr<std::unique_ptr<SqlDatabase>> CopyIntoSqlite(PostgresHandle& from);

}  // namespace connector::store
