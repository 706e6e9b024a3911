// SqlStore: OAuth grants, encrypted, and authorizations that were begun.

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "model/wire_format.h"
#include "store/sql_database.h"
#include "store/sql_session.h"
#include "store/sql_store.h"

namespace connector::store {
namespace {

// Begun and not ended at the same time, by one person or a script that means no good.
constexpr int64_t kMostAuthorizations = 1000;

std::string EncodeGrant(const Grant& grant) {
  wire::Writer writer(2048);
  writer.Text(grant.access_token.Reveal());
  writer.Text(grant.refresh_token.Reveal());
  writer.Text(grant.api_domain);
  writer.Text(grant.scope);
  writer.Instant(grant.refresh_at);
  writer.Instant(grant.expires_at);
  writer.Text(grant.refused);
  return writer.Finish();
}

absl::StatusOr<Grant> DecodeGrant(std::string_view record) {
  wire::Reader reader(record);
  Grant grant;
  grant.access_token = Secret(reader.Text());
  grant.refresh_token = Secret(reader.Text());
  grant.api_domain = reader.Text();
  grant.scope = reader.Text();
  grant.refresh_at = reader.Instant();
  grant.expires_at = reader.Instant();
  grant.refused = reader.Text();
  CONNECTOR_RETURN_IF_ERROR(wire::ReadStatus(reader, "a grant"));
  return grant;
}

std::string PlaceOf(std::string_view connection) {
  return absl::StrCat("grant of ", ToAbsl(connection));
}

}  // namespace

absl::StatusOr<std::optional<Grant>> SqlStore::GetGrant(std::string_view connection) {
  std::optional<Grant> grant;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    SqlQuery query = db.Query("SELECT body, version FROM tokens WHERE conn = ?", conn);
    CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
    if (!found) return absl::OkStatus();
    CONNECTOR_ASSIGN_OR_RETURN(const std::string body,
                               sealer_.Open(query.Bytes(0), PlaceOf(connection)));
    CONNECTOR_ASSIGN_OR_RETURN(grant, DecodeGrant(body));
    grant->version = query.Int(1);
    return absl::OkStatus();
  }));
  return grant;
}

absl::Status SqlStore::PutGrant(std::string_view connection, const Grant& grant) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::string body,
                             sealer_.Seal(EncodeGrant(grant), PlaceOf(connection)));
  return Write(connection, [&](SqlSession& session) -> absl::Status {
    // Not an update: a new row has a new version.
    CONNECTOR_RETURN_IF_ERROR(
        session.db().Execute("DELETE FROM tokens WHERE conn = ?", session.conn()));
    return session.db().Execute("INSERT INTO tokens (conn, body) VALUES (?, ?)", session.conn(),
                                Blob{body});
  });
}

absl::Status SqlStore::DropGrant(std::string_view connection) {
  return Write(connection, [&](SqlSession& session) {
    return session.db().Execute("DELETE FROM tokens WHERE conn = ?", session.conn());
  });
}

absl::StatusOr<bool> SqlStore::LeaseRenewal(std::string_view connection, int64_t version,
                                            std::string_view owner, Time now, Duration lease) {
  bool leased = false;
  const absl::Status done = Write(connection, [&](SqlSession& session) -> absl::Status {
    CONNECTOR_RETURN_IF_ERROR(session.db().Execute(
        "UPDATE tokens SET owner = ?1, lease_until = ?2 "
        "WHERE conn = ?3 AND version = ?4 AND (owner IN ('', ?1) OR lease_until <= ?5)",
        owner, now + lease, session.conn(), version, now));
    leased = session.db().changes() > 0;
    return absl::OkStatus();
  });
  if (!done.ok()) return done;
  return leased;
}

absl::Status SqlStore::FinishRenewal(std::string_view connection, std::string_view owner,
                                     const Grant& grant) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::string body,
                             sealer_.Seal(EncodeGrant(grant), PlaceOf(connection)));
  return Write(connection, [&](SqlSession& session) -> absl::Status {
    SqlHandle& db = session.db();
    CONNECTOR_RETURN_IF_ERROR(
        db.Execute("DELETE FROM tokens WHERE conn = ? AND owner = ?", session.conn(), owner));
    if (db.changes() == 0) {
      return absl::FailedPreconditionError("somebody else renews the grant, or it was replaced");
    }
    return db.Execute("INSERT INTO tokens (conn, body) VALUES (?, ?)", session.conn(), Blob{body});
  });
}

absl::Status SqlStore::ReleaseRenewal(std::string_view connection, std::string_view owner) {
  return Write(connection, [&](SqlSession& session) {
    return session.db().Execute(
        "UPDATE tokens SET owner = '', lease_until = 0 WHERE conn = ? AND owner = ?",
        session.conn(), owner);
  });
}

absl::Status SqlStore::AddAuthorization(std::string_view connection, std::string_view state,
                                        Time now, Time expires_at) {
  return Write(connection, [&](SqlSession& session) -> absl::Status {
    SqlHandle& db = session.db();
    CONNECTOR_RETURN_IF_ERROR(db.Execute("DELETE FROM authorizations WHERE expires_at <= ?", now));
    CONNECTOR_RETURN_IF_ERROR(
        db.Execute("INSERT INTO authorizations (conn, state, expires_at) VALUES (?, ?, ?)",
                   session.conn(), state, expires_at));
    return db.Execute(
        "DELETE FROM authorizations WHERE conn = ?1 AND number NOT IN (SELECT number FROM "
        "authorizations WHERE conn = ?1 ORDER BY number DESC LIMIT ?2)",
        session.conn(), kMostAuthorizations);
  });
}

absl::StatusOr<bool> SqlStore::TakeAuthorization(std::string_view connection,
                                                 std::string_view state, Time now) {
  bool taken = false;
  const absl::Status done = Write(connection, [&](SqlSession& session) -> absl::Status {
    CONNECTOR_RETURN_IF_ERROR(session.db().Execute(
        "DELETE FROM authorizations WHERE conn = ? AND state = ? AND expires_at > ?",
        session.conn(), state, now));
    taken = session.db().changes() > 0;
    return absl::OkStatus();
  });
  if (!done.ok()) return done;
  return taken;
}

}  // namespace connector::store
