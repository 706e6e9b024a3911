#pragma once

// Who may speak to the gRPC listener, and how.

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/secret.h"

namespace connector::rpc {

// The bearer tokens that are good now: several, so that a new one can be given out before the old
// one goes. Any thread.
class Tokens {
 public:
  Tokens() = default;
  explicit Tokens(const std::vector<Secret>& tokens) { Set(tokens); }

  void Set(const std::vector<Secret>& tokens);

  // Looks at every token, in a time that depends only on how many there are.
  bool Accept(std::string_view token) const;

 private:
  mutable std::mutex mutex_;  // guards digests_
  std::vector<Sha256Digest> digests_;
};

struct TransportSecurity {
  // PEM; both or neither. Read again a few seconds after they change, without a restart.
  std::string cert_file;
  std::string key_file;
  // PEM: with it, only clients with a certificate of these authorities are let in.
  std::string client_ca_file;
  // Allows plaintext on addresses that are not loopback.
  bool insecure = false;
  // Null: no token is asked for. Health checking never needs one.
  std::shared_ptr<const Tokens> tokens;
};

// True for a `listen` address that only this machine reaches.
bool IsLoopback(std::string_view listen);

}  // namespace connector::rpc
