// SqlStore: what is to be converged without a run.

#include "base/status.h"
#include "store/sql_database.h"
#include "store/sql_marks.h"
#include "store/sql_session.h"
#include "store/sql_store.h"

namespace connector::store {

absl::Status SqlStore::MarkContacts(std::string_view connection, const std::vector<int64_t>& keys,
                                    Urgency urgency) {
  return Write(connection, [&](SqlSession& session) -> absl::Status {
    for (const int64_t key : keys) {
      CONNECTOR_RETURN_IF_ERROR(MarkContact(session, key, /*run=*/0, urgency));
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<LiveMarks> SqlStore::CountLiveMarks(std::string_view connection, Time now) {
  LiveMarks marks;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    SqlQuery query = db.Query(
        "SELECT urgency, count(*), min(marked_at) FROM marks INDEXED BY live_marks "
        "WHERE conn = ?1 AND run = 0 AND urgency > 0 AND version > 0 AND jobs = 0 "
        "AND not_before <= ?2 AND lease_until <= ?2 GROUP BY urgency",
        conn, now);
    while (true) {
      CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
      if (!more) return absl::OkStatus();
      const bool prompt = query.Int(0) == static_cast<int>(Urgency::kPrompt);
      (prompt ? marks.prompt : marks.bulk) = query.Int(1);
      (prompt ? marks.oldest_prompt : marks.oldest_bulk) = query.OptionalInstant(2);
    }
  }));
  return marks;
}

}  // namespace connector::store
