#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/random.h"
#include "store/store.h"
#include "sync/oauth_credential.h"

namespace connector::sync {

// How a person lets this service into their Pipedrive company, and how that ends. Blocks on the
// store and on Pipedrive's OAuth server; any thread.
class Authorization {
 public:
  // `on_change` is called when the stored grant has become another one. All must outlive it.
  Authorization(OAuthOptions options, OAuthParts parts, store::Store& store, Random& random,
                std::function<void()> on_change);

  // Where to send the browser: Pipedrive's page with a state that is good once, for ten minutes.
  absl::StatusOr<std::string> Begin();

  // The person said yes. INVALID_ARGUMENT: no authorization with this state is under way.
  // PERMISSION_DENIED: of another company than the configured one; the grant is given back.
  absl::Status Finish(const std::string& state, const Secret& code);

  // The person said no. The state is used up.
  absl::Status Deny(const std::string& state);

  // Pipedrive says that a user uninstalled the app: the grant goes, unless it is known to be
  // another user's.
  absl::Status Uninstall(int64_t company_id, int64_t user_id);

 private:
  absl::Status TakeState(const std::string& state);
  absl::Status Accept(const pipedrive::OAuthTokens& tokens, Time sent_at);

  const OAuthOptions options_;
  const OAuthParts parts_;
  store::Store& store_;
  Random& random_;
  const std::function<void()> on_change_;
};

}  // namespace connector::sync
