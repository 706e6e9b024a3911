#pragma once

// What the parts of a write transaction share: the database, the connection it works on, and the
// numbers that connection gives.

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "store/sql.h"

namespace connector::store {

// The number of a connection; 0 if nothing was ever written for it, which matches no row.
absl::StatusOr<int64_t> FindConnection(SqlHandle& db, std::string_view name);

// Lives as long as one write transaction; one thread.
class SqlSession {
 public:
  // Inserts the connection if it is new.
  static absl::StatusOr<SqlSession> Begin(SqlHandle& db, std::string_view connection, Time now);
  // Stores the numbers that were given; to be called before the commit.
  absl::Status End();

  SqlHandle& db() { return *db_; }
  int64_t conn() const { return conn_; }
  Time now() const { return now_; }

  int64_t NextContact() { return ++numbers_.contact; }
  int64_t NextMark() { return ++numbers_.mark; }
  int64_t NextFailure() { return ++numbers_.failure; }
  int64_t NextImport() { return ++numbers_.import; }

 private:
  struct Numbers {
    int64_t contact = 0;
    int64_t mark = 0;
    int64_t failure = 0;
    int64_t import = 0;
    bool operator==(const Numbers&) const = default;
  };

  SqlSession(SqlHandle& db, int64_t conn, Time now) : db_(&db), conn_(conn), now_(now) {}

  SqlHandle* db_;
  int64_t conn_;
  Time now_;
  Numbers numbers_;
  Numbers stored_;
};

}  // namespace connector::store
