#pragma once

#include <mutex>
#include <utility>

#include "base/secret.h"

namespace connector {

// A credential that may be replaced while it is used. Any thread.
class LiveSecret {
 public:
  explicit LiveSecret(Secret secret) : secret_(std::move(secret)) {}

  Secret Get() const {
    const std::lock_guard lock(mutex_);
    return secret_;
  }

  // False if it was that already.
  bool Set(const Secret& secret) {
    const std::lock_guard lock(mutex_);
    if (secret_.Reveal() == secret.Reveal()) return false;
    secret_ = secret;
    return true;
  }

 private:
  mutable std::mutex mutex_;  // guards secret_
  Secret secret_;
};

}  // namespace connector
