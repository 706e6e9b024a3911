#include "store/tombstones.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/status.h"

namespace connector::store {
namespace {

constexpr size_t kKeyBytes = 32;  // as long as the hash: RFC 2104, section 3

unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

absl::StatusOr<std::string> TombstoneKey(SqlHandle& db, int64_t conn) {
  SqlQuery query = db.Query("SELECT key FROM tombstone_keys WHERE conn = ?", conn);
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  return found ? query.Text(0) : std::string();
}

absl::StatusOr<std::string> MakeTombstoneKey(SqlHandle& db, int64_t conn) {
  CONNECTOR_ASSIGN_OR_RETURN(std::string key, TombstoneKey(db, conn));
  if (!key.empty()) return key;
  key.resize(kKeyBytes);
  if (RAND_bytes(Bytes(key), kKeyBytes) != 1) return absl::InternalError("OpenSSL has no random");
  CONNECTOR_RETURN_IF_ERROR(
      db.Execute("INSERT INTO tombstone_keys (conn, key) VALUES (?, ?)", conn, Blob{key}));
  return key;
}

std::string TombstoneOf(std::string_view key, std::string_view identifier) {
  std::string hash(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Bytes(identifier),
           identifier.size(), Bytes(hash), &size) == nullptr) {
    return "";
  }
  hash.resize(size);
  return hash;
}

absl::Status PutTombstone(SqlHandle& db, int64_t conn, std::string_view hash,
                          std::string_view erasure) {
  if (hash.empty()) return absl::InternalError("OpenSSL could not make a hash");
  return db.Execute(
      "INSERT INTO tombstones (conn, hash, erasure) VALUES (?, ?, ?) "
      "ON CONFLICT (conn, hash) DO UPDATE SET erasure = excluded.erasure",
      conn, Blob{hash}, erasure);
}

absl::StatusOr<std::string> FindTombstone(SqlHandle& db, int64_t conn,
                                          std::string_view identifier) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::string key, TombstoneKey(db, conn));
  if (key.empty()) return std::string();
  const std::string hash = TombstoneOf(key, identifier);
  SqlQuery query =
      db.Query("SELECT erasure FROM tombstones WHERE conn = ? AND hash = ?", conn, Blob{hash});
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  return found ? query.Text(0) : std::string();
}

}  // namespace connector::store
