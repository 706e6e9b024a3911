#include "store/sql_session.h"

#include "base/status.h"

namespace connector::store {

absl::StatusOr<int64_t> FindConnection(SqlHandle& db, std::string_view name) {
  SqlQuery query = db.Query("SELECT id FROM connections WHERE name = ?", name);
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  return found ? query.Int(0) : 0;
}

absl::StatusOr<SqlSession> SqlSession::Begin(SqlHandle& db, std::string_view connection, Time now) {
  constexpr Sql kSelect =
      "SELECT id, last_contact, last_mark, last_failure, last_import FROM connections "
      "WHERE name = ?";
  for (int attempt = 0; attempt < 2; ++attempt) {
    {
      SqlQuery query = db.Query(kSelect, connection);
      CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
      if (found) {
        SqlSession session(db, query.Int(0), now);
        session.stored_ = {query.Int(1), query.Int(2), query.Int(3), query.Int(4)};
        session.numbers_ = session.stored_;
        return session;
      }
    }
    CONNECTOR_RETURN_IF_ERROR(db.Execute("INSERT INTO connections (name) VALUES (?)", connection));
  }
  return absl::InternalError("a connection that was just inserted is not there");
}

absl::Status SqlSession::End() {
  if (numbers_ == stored_) return absl::OkStatus();
  return db_->Execute(
      "UPDATE connections SET last_contact = ?, last_mark = ?, last_failure = ?, last_import = ? "
      "WHERE id = ?",
      numbers_.contact, numbers_.mark, numbers_.failure, numbers_.import, conn_);
}

}  // namespace connector::store
