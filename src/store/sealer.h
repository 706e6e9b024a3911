#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/secret.h"

namespace connector::store {

// Encrypts what must not be read from the disk: AES-256-GCM with a fresh random nonce, under keys
// that are derived from configured secrets with HKDF. Any thread.
//
// Sealed form: format byte (1), key id (8 bytes), nonce (12), ciphertext, tag (16).
class Sealer {
 public:
  // The first secret seals; each of them opens.
  explicit Sealer(const std::vector<Secret>& secrets);

  // `place` (connection and kind) is bound to the text: sealed bytes that are moved elsewhere do
  // not open there. FAILED_PRECONDITION without a secret.
  absl::StatusOr<std::string> Seal(std::string_view text, std::string_view place) const;
  // DATA_LOSS: not ours, damaged, moved, or sealed with a secret that is not known any more.
  absl::StatusOr<std::string> Open(std::string_view sealed, std::string_view place) const;

 private:
  struct Key {
    std::string id;
    Secret bytes;
  };
  std::vector<Key> keys_;
};

}  // namespace connector::store
