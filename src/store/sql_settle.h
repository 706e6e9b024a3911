#pragma once

// Settling contacts and keeping failures, inside a transaction: shared by single writes and
// imports.

#include <vector>

#include "absl/status/status.h"
#include "store/sql_session.h"
#include "store/store.h"

namespace connector::store {

// Writes the state back, gives released identifiers up and ends the mark. `open_rows` as in
// SettleMark.
absl::Status SettleContact(SqlSession& session, const Settlement& settlement, int64_t open_rows);

// Removes a contact that no person is bound to, its identifiers and its mark.
absl::Status ForgetContact(SqlSession& session, int64_t key);

// Appends failures; a connection keeps its newest 100,000.
absl::Status InsertFailures(SqlSession& session, const std::vector<Failure>& failures);

// The row at hand of a query for id, run_id, entity, entity_id, reason, field, detail, created_at.
Failure ReadFailure(const SqlQuery& query);

}  // namespace connector::store
