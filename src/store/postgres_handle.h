#pragma once

// SqlHandle over one PostgreSQL session; prepared statements are kept.

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/secret.h"
#include "store/sql.h"

namespace connector::store {

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PostgresResult = std::unique_ptr<PGresult, ClearResult>;

class PostgresHandle final : public SqlHandle {
 public:
  // `url` as libpq takes it. Not connected yet.
  explicit PostgresHandle(Secret url);
  PostgresHandle(const PostgresHandle&) = delete;
  PostgresHandle& operator=(const PostgresHandle&) = delete;
  ~PostgresHandle() override;

  // Connects, or connects anew if the session was lost. UNAVAILABLE to be tried again later,
  // FAILED_PRECONDITION for what waiting does not mend, such as a password.
  absl::Status Connect();

  // As far as is known: a loss shows with the next statement.
  bool connected() const { return session_ != nullptr && PQstatus(session_) == CONNECTION_OK; }

  absl::Status Script(const std::string& sql) override;
  int64_t changes() const override { return changes_; }
  bool in_transaction() const;

  // Runs one statement that is not worth keeping and gives its rows, as binary.
  absl::StatusOr<PostgresResult> Rows(const std::string& sql);

  // "host/database", without credentials.
  const std::string& name() const { return name_; }

 private:
  std::unique_ptr<SqlRows> Ask(Sql sql, Values values) override;
  absl::Status Run(Sql sql, Values values) override;

  absl::StatusOr<PostgresResult> Execute(Sql sql, Values values);
  // The name the statement is prepared by in this session.
  absl::StatusOr<const std::string*> Prepare(Sql sql, Values values);
  absl::Status Configure();
  absl::Status StatusOf(const PGresult* result) const;

  const Secret url_;
  std::string name_;
  PGconn* session_ = nullptr;
  int64_t changes_ = 0;
  absl::flat_hash_map<const char*, std::string> statements_;
};

// A column of a binary result: a whole number of any width, or a truth value as 0 and 1.
int64_t PostgresNumber(const PGresult* result, int row, int column);
std::string_view PostgresBytes(const PGresult* result, int row, int column);

}  // namespace connector::store
