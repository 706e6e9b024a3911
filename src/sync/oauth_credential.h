#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "http/authorizing_caller.h"
#include "metrics/oauth_metrics.h"
#include "pipedrive/oauth_client.h"
#include "store/tokens.h"

namespace connector::sync {

// What the parts of OAuth work with; all must outlive them.
struct OAuthParts {
  store::Tokens& tokens;
  pipedrive::OAuthClient& client;
  Clock& clock;
  const Logger& log;
  metrics::OAuthMetrics& metrics;
};

struct OAuthOptions {
  std::string connection;
  std::string owner;          // of this process among its replicas
  std::string authorize_url;  // of this service, for people: "https://sync.example/oauth/authorize"
  pipedrive::ApiDomainRule api_domain;
};

// `received` as a grant; what a refresh leaves out stays as in `before`. The access token is to be
// renewed while it is still good: 5 minutes before its end, or a tenth of its life if that is less.
store::Grant MakeGrant(const pipedrive::OAuthTokens& received, const store::Grant& before,
                       Time sent_at);

// The access token of a connection's grant, renewed before it ends and after a 401. However many
// threads ask, one renews; among replicas, the one with the store's lease. While the old token is
// still good nobody waits for the new one.
//
// A refresh token that is refused marks the grant for all replicas: from then on, as without a
// grant, Get() is UNAUTHENTICATED with Reaction::kPauseAccount and says where to authorize. Any
// thread; blocks.
class OAuthCredential : public http::Credential {
 public:
  OAuthCredential(OAuthOptions options, OAuthParts parts);

  absl::StatusOr<http::Access> Get(const http::CallContext& context) override;
  absl::StatusOr<http::Access> OnRefused(const http::Access& refused,
                                         const http::CallContext& context) override;

  // OK, or why there is no usable grant. Reads the store.
  absl::Status Health() const;

  // The stored grant is another one: it is read again at the next call.
  void Forget();

 private:
  using Lock = std::unique_lock<std::mutex>;

  http::Access AccessOf(const store::Grant& grant) const;
  absl::StatusOr<store::Grant> Stored() const;
  absl::Status Unusable(absl::string_view why) const;
  absl::StatusOr<http::Access> Renewed(Lock& lock, const Secret& refused,
                                       const http::CallContext& context);
  absl::Status AwaitFlight(Lock& lock, const http::CallContext& context);
  absl::StatusOr<store::Grant> FindOrRenew(const Secret& refused, const http::CallContext& context);
  absl::StatusOr<store::Grant> Renew(const store::Grant& grant, bool good,
                                     const http::CallContext& context);
  absl::StatusOr<store::Grant> Keep(const store::Grant& grant);
  absl::Status Refuse(store::Grant grant, const absl::Status& refusal);

  const OAuthOptions options_;
  const OAuthParts parts_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable landed_;
  std::optional<store::Grant> grant_;
  bool in_flight_ = false;
  int64_t flights_ = 0;        // that have ended
  absl::Status last_outcome_;  // of the last of them
  Time no_early_renewal_until_{};
};

}  // namespace connector::sync
