#pragma once

// Recognising who was erased, inside a transaction, without knowing who it was.

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/sql.h"

namespace connector::store {

// The connection's key of tombstones, 32 random bytes; "" if nobody was ever erased.
absl::StatusOr<std::string> TombstoneKey(SqlHandle& db, int64_t conn);
// The same, made if there is none.
absl::StatusOr<std::string> MakeTombstoneKey(SqlHandle& db, int64_t conn);

// HMAC-SHA-256 of an address in lower case or an EXT_ID; "" if OpenSSL fails.
std::string TombstoneOf(std::string_view key, std::string_view identifier);

absl::Status PutTombstone(SqlHandle& db, int64_t conn, std::string_view hash,
                          std::string_view erasure);
// The erasure that left it, or "".
absl::StatusOr<std::string> FindTombstone(SqlHandle& db, int64_t conn, std::string_view identifier);
inline absl::StatusOr<bool> IsErased(SqlHandle& db, int64_t conn, std::string_view identifier) {
  if (identifier.empty()) return false;
  const absl::StatusOr<std::string> erasure = FindTombstone(db, conn, identifier);
  if (!erasure.ok()) return erasure.status();
  return !erasure->empty();
}

}  // namespace connector::store
