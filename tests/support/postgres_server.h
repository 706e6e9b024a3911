#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "base/secret.h"

namespace connector::testing {

// The PostgreSQL server that tests share: that of $CONNECTOR_TEST_POSTGRES (a file as
// tests/support/postgres-server writes it, which ctest starts one by), else one of this process's
// own, which ends with it.
class PostgresServer {
 public:
  // An error says what is missing.
  static absl::StatusOr<PostgresServer*> Shared();

  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  ~PostgresServer();

  // The URL of a new, empty schema.
  absl::StatusOr<Secret> NewSchema();

 private:
  PostgresServer() = default;
  absl::Status Start();
  Secret UrlOf(const std::string& schema) const;

  std::string file_;       // "": somebody else ends the server
  std::string directory_;  // of its socket
  int schemas_ = 0;
};

}  // namespace connector::testing
