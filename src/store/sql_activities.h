#pragma once

// What was told of activities, inside a transaction.

#include "absl/status/status.h"
#include "store/activities.h"
#include "store/sql_session.h"

namespace connector::store {

// As Activities::FinishActivitiesPage says, for one.
absl::Status FoldActivity(SqlSession& session, const ActivityChange& change, ActivityFold& counts);

}  // namespace connector::store
