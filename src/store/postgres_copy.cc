#include "store/postgres_copy.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "store/migrations.h"
#include "store/sqlite_database.h"

namespace connector::store {
namespace {

// Of about 1 kB each.
constexpr int kPage = 1'000;

constexpr Oid kBytea = 17;
constexpr Oid kText = 25;

absl::StatusOr<std::vector<std::string>> Names(PostgresHandle& from, const std::string& sql) {
  CONNECTOR_ASSIGN_OR_RETURN(const PostgresResult rows, from.Rows(sql));
  std::vector<std::string> names;
  for (int row = 0; row < PQntuples(rows.get()); ++row) {
    names.emplace_back(PostgresBytes(rows.get(), row, 0));
  }
  return names;
}

SqlValue ValueAt(const PGresult* rows, int row, int column) {
  if (PQgetisnull(rows, row, column) != 0) return std::optional<int64_t>();
  const std::string_view bytes = PostgresBytes(rows, row, column);
  const Oid type = PQftype(rows, column);
  if (type == kBytea) return Blob{bytes};
  if (type == kText) return bytes;
  return PostgresNumber(rows, row, column);
}

absl::Status CopyPage(const PGresult* rows, const std::string& insert, SqliteHandle& to) {
  std::vector<SqlValue> values;
  for (int row = 0; row < PQntuples(rows); ++row) {
    values.clear();
    for (int column = 0; column < PQnfields(rows); ++column) {
      values.push_back(ValueAt(rows, row, column));
    }
    CONNECTOR_RETURN_IF_ERROR(to.RunOnce(insert, values));
  }
  return absl::OkStatus();
}

absl::Status CopyTable(PostgresHandle& from, const std::string& table, SqliteHandle& to) {
  CONNECTOR_ASSIGN_OR_RETURN(
      const std::vector<std::string> columns,
      Names(from, absl::StrCat("SELECT column_name::text FROM information_schema.columns WHERE "
                               "table_schema = current_schema() AND table_name = '",
                               table, "' ORDER BY ordinal_position")));
  const std::string names = absl::StrJoin(columns, ", ");
  const std::vector<std::string> marks(columns.size(), "?");
  const std::string insert = absl::StrCat("INSERT INTO ", table, " (", names, ") VALUES (",
                                          absl::StrJoin(marks, ", "), ")");
  CONNECTOR_RETURN_IF_ERROR(
      from.Script(absl::StrCat("DECLARE copied CURSOR FOR SELECT ", names, " FROM ", table)));
  for (bool more = true; more;) {
    CONNECTOR_ASSIGN_OR_RETURN(const PostgresResult rows,
                               from.Rows(absl::StrCat("FETCH ", kPage, " FROM copied")));
    CONNECTOR_RETURN_IF_ERROR(CopyPage(rows.get(), insert, to));
    more = PQntuples(rows.get()) == kPage;
  }
  return from.Script("CLOSE copied");
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqlDatabase>> CopyIntoSqlite(PostgresHandle& from) {
  CONNECTOR_ASSIGN_OR_RETURN(
      const std::vector<std::string> tables,
      Names(from,
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = "
            "current_schema() AND table_type = 'BASE TABLE' AND table_name <> 'schema_version'"));
  return SqliteDatabase::Scratch("", [&](const std::string& path) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(
        const auto to, SqliteHandle::Open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, path));
    CONNECTOR_RETURN_IF_ERROR(to->Script("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY"));
    CONNECTOR_RETURN_IF_ERROR(MigrateSqlite(*to, path));
    CONNECTOR_RETURN_IF_ERROR(to->Script("BEGIN"));
    for (const std::string& table : tables) {
      CONNECTOR_RETURN_IF_ERROR(CopyTable(from, table, *to));
    }
    return to->Script("COMMIT");
  });
}

}  // namespace connector::store
