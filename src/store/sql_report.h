#pragma once

#include "absl/status/status.h"
#include "store/report.h"
#include "store/sql_session.h"

namespace connector::store {

// Stage moves are told from now on, unless they were before.
absl::Status NoteStagesObserved(SqlSession& session);

}  // namespace connector::store
