#pragma once

// What an OAuth authorization leaves behind, for all replicas: the grant of a connection, who is
// renewing it, and the authorizations that were begun and not yet ended.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/secret.h"

namespace connector::store {

// What Pipedrive gave to somebody who said yes.
struct Grant {
  Secret access_token;
  Secret refresh_token;
  std::string api_domain;  // origin of the company's API
  std::string scope;
  Time refresh_at{};    // when the access token is to be renewed
  Time expires_at{};    // when it ends
  std::string refused;  // why the grant is of no use any more; "" while it is
  int64_t version = 0;  // given by the store: another one with every change
};

// Any thread; blocks on the disk. Errors as in store.h. Tokens are encrypted where they lie, and
// never stand in an error.
class Tokens {
 public:
  virtual ~Tokens() = default;

  // The grant, if there is one. DATA_LOSS: it can be decrypted with none of the configured keys.
  virtual absl::StatusOr<std::optional<Grant>> GetGrant(std::string_view connection) = 0;
  // Replaces the grant whoever is renewing the old one.
  virtual absl::Status PutGrant(std::string_view connection, const Grant& grant) = 0;
  virtual absl::Status DropGrant(std::string_view connection) = 0;

  // The right to renew the grant of this version, for `owner` alone until `now + lease`; false if
  // another version is there or another owner has the right.
  virtual absl::StatusOr<bool> LeaseRenewal(std::string_view connection, int64_t version,
                                            std::string_view owner, Time now, Duration lease) = 0;
  // Replaces the grant and ends the right; FAILED_PRECONDITION if it was lost, or the grant was
  // replaced or dropped meanwhile.
  virtual absl::Status FinishRenewal(std::string_view connection, std::string_view owner,
                                     const Grant& grant) = 0;
  // Gives the right back without a new grant; nothing if it was lost.
  virtual absl::Status ReleaseRenewal(std::string_view connection, std::string_view owner) = 0;

  // Remembers that an authorization was begun with this state. Of more than a thousand the oldest
  // are forgotten.
  virtual absl::Status AddAuthorization(std::string_view connection, std::string_view state,
                                        Time now, Time expires_at) = 0;
  // True, once, for one that was begun and has not expired.
  virtual absl::StatusOr<bool> TakeAuthorization(std::string_view connection,
                                                 std::string_view state, Time now) = 0;
};

}  // namespace connector::store
