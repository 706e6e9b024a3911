#include "rpc/transport_security.h"

#include <utility>

namespace connector::rpc {

void Tokens::Set(const std::vector<Secret>& tokens) {
  std::vector<Sha256Digest> digests;
  for (const Secret& token : tokens) {
    if (!token.empty()) digests.push_back(Sha256(token.Reveal()));
  }
  const std::lock_guard lock(mutex_);
  digests_ = std::move(digests);
}

bool Tokens::Accept(std::string_view token) const {
  const Sha256Digest digest = Sha256(token);
  const std::lock_guard lock(mutex_);
  bool accepted = false;
  for (const Sha256Digest& known : digests_) accepted |= SameDigest(known, digest);
  return accepted;
}

bool IsLoopback(std::string_view listen) {
  const std::string_view host = listen.substr(0, listen.rfind(':'));
  return host == "localhost" || host == "[::1]" ||
         (host.starts_with("127.") &&
          host.find_first_not_of("0123456789.") == std::string_view::npos);
}

}  // namespace connector::rpc
