#pragma once

// Rows of the table of runs, inside a transaction.

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/run.h"
#include "store/sql_session.h"
#include "store/store.h"

namespace connector::store {

// The columns ReadRun expects, in its order; a macro because SQL is found again by its literal.
#define CONNECTOR_RUN_COLUMNS                                                                   \
  "id, kind, state, options, progress, created_at, started_at, finished_at, cancel_requested, " \
  "scheduled, error "

absl::StatusOr<Run> ReadRun(const SqlQuery& query, std::string_view connection);

// The first row as a run, if there is one.
absl::StatusOr<std::optional<Run>> FirstRun(SqlQuery& query, std::string_view connection);

// The number of a run whose lease the caller holds; FAILED_PRECONDITION if it is not (any more)
// its.
absl::StatusOr<int64_t> LeasedRun(SqlHandle& db, int64_t conn, const RunLease& lease);

// The number of a run; 0 if there is none with this id.
absl::StatusOr<int64_t> RunNumber(SqlHandle& db, int64_t conn, std::string_view id);
// The same, 0 also if it is finished: such a run holds no marks back.
absl::StatusOr<int64_t> UnfinishedRunNumber(SqlHandle& db, int64_t conn, std::string_view id);

// Stores the progress if the caller still holds the lease; returns the run's number.
absl::StatusOr<int64_t> CommitProgress(SqlSession& session, const RunUpdate& update);

absl::Status SaveCursor(SqlSession& session, int64_t run, std::string_view walk,
                        const Cursor& cursor);

}  // namespace connector::store
