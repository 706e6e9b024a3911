#pragma once

// What was told of activities, inside a transaction.

#include "absl/status/status.h"
#include "store/activities.h"
#include "store/sqlite_session.h"

namespace connector::store {

// As Activities::FinishActivitiesPage says, for one.
absl::Status FoldActivity(SqliteSession& session, const ActivityChange& change,
                          ActivityFold& counts);

}  // namespace connector::store
