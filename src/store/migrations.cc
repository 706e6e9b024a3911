#include "store/migrations.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "store/postgres_dialect.h"
#include "store/schema.h"

namespace connector::store {
namespace {

// Marks the file as ours (PRAGMA application_id): "PDBC".
constexpr int64_t kApplicationId = 0x50444243;

int64_t Newest() { return static_cast<int64_t>(SchemaSteps().size()); }

absl::StatusOr<int64_t> ReadNumber(SqlHandle& db, Sql sql) {
  SqlQuery query = db.Query(sql);
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  return found ? query.Int(0) : 0;
}

absl::Status CheckVersion(int64_t version, const std::string& name) {
  if (version <= Newest()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "database ", name, " has schema version ", version, ", this program knows versions up to ",
      Newest(), "; run the newer program, or restore the backup made before it was used"));
}

absl::Status BelongsToAnother(const std::string& name, const char* remedy) {
  return absl::FailedPreconditionError(
      absl::StrCat("database ", name, " belongs to another program; choose another ", remedy));
}

absl::Status CheckOwner(SqlHandle& db, const std::string& name) {
  CONNECTOR_ASSIGN_OR_RETURN(const int64_t owner, ReadNumber(db, "PRAGMA application_id"));
  if (owner == kApplicationId) return absl::OkStatus();
  CONNECTOR_ASSIGN_OR_RETURN(const int64_t tables,
                             ReadNumber(db, "SELECT count(*) FROM sqlite_master"));
  if (owner == 0 && tables == 0) return absl::OkStatus();
  return BelongsToAnother(name, "file");
}

// Applies the next step, if there is one. Another process may be doing the same: what version the
// database has is only certain inside the transaction.
absl::StatusOr<bool> ApplyNext(SqlHandle& db, const std::string& name) {
  CONNECTOR_RETURN_IF_ERROR(CheckOwner(db, name));
  CONNECTOR_ASSIGN_OR_RETURN(const int64_t version, ReadNumber(db, "PRAGMA user_version"));
  CONNECTOR_RETURN_IF_ERROR(CheckVersion(version, name));
  if (version == Newest()) return false;
  CONNECTOR_RETURN_IF_ERROR(db.Script(SchemaSteps()[static_cast<size_t>(version)].sqlite));
  CONNECTOR_RETURN_IF_ERROR(db.Script(absl::StrCat("PRAGMA user_version = ", version + 1,
                                                   "; PRAGMA application_id = ", kApplicationId)));
  return true;
}

// -1: the schema has no table of ours.
absl::StatusOr<int64_t> PostgresVersion(PostgresHandle& db) {
  CONNECTOR_ASSIGN_OR_RETURN(
      const int64_t tables,
      ReadNumber(db,
                 "SELECT count(*) FROM information_schema.tables WHERE table_schema = "
                 "current_schema()"));
  CONNECTOR_ASSIGN_OR_RETURN(
      const int64_t ours,
      ReadNumber(db,
                 "SELECT count(*) FROM information_schema.tables WHERE table_schema = "
                 "current_schema() AND table_name = 'schema_version'"));
  if (ours != 0) return ReadNumber(db, "SELECT max(version) FROM schema_version");
  if (tables != 0) return BelongsToAnother(db.name(), "database or schema");
  return -1;
}

}  // namespace

absl::Status MigrateSqlite(SqlHandle& db, const std::string& name) {
  for (bool more = true; more;) {
    CONNECTOR_RETURN_IF_ERROR(db.Script("BEGIN IMMEDIATE"));
    const absl::StatusOr<bool> applied = ApplyNext(db, name);
    const absl::Status ended = db.Script(applied.ok() ? "COMMIT" : "ROLLBACK");
    if (!applied.ok()) return applied.status();
    CONNECTOR_RETURN_IF_ERROR(ended);
    more = *applied;
  }
  return absl::OkStatus();
}

absl::Status MigratePostgres(PostgresHandle& db) {
  CONNECTOR_ASSIGN_OR_RETURN(int64_t version, PostgresVersion(db));
  CONNECTOR_RETURN_IF_ERROR(CheckVersion(version, db.name()));
  if (version < 0) {
    CONNECTOR_RETURN_IF_ERROR(db.Script("CREATE TABLE schema_version (version BIGINT NOT NULL)"));
    version = 0;
  }
  for (; version < Newest(); ++version) {
    const SchemaStep& step = SchemaSteps()[static_cast<size_t>(version)];
    CONNECTOR_RETURN_IF_ERROR(
        db.Script(step.postgres != nullptr ? step.postgres : ToPostgresSchema(step.sqlite)));
    CONNECTOR_RETURN_IF_ERROR(
        db.Script(absl::StrCat("INSERT INTO schema_version VALUES (", version + 1, ")")));
  }
  return absl::OkStatus();
}

}  // namespace connector::store
