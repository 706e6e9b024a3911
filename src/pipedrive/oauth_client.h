#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/secret.h"
#include "http/caller.h"

namespace connector::pipedrive {

// What the OAuth server gave.
struct OAuthTokens {
  Secret access_token;
  Secret refresh_token;    // may be empty after a refresh: the old one stays good
  std::string api_domain;  // origin of the company's API; may be empty after a refresh
  std::string scope;
  Duration lifetime{};  // of the access token, from when the request was sent
};

// Pipedrive's OAuth 2.0 server as a confidential client sees it: forms with HTTP Basic. Blocks; any
// thread. Errors: UNAUTHENTICATED (the code or refresh token is refused: only a new authorization
// helps), FAILED_PRECONDITION (the app's own settings are refused), both with
// Reaction::kPauseAccount; passing ones as in http/caller.h. No text holds a code or token.
class OAuthClient {
 public:
  struct Options {
    std::string base_url;  // origin: "https://oauth.pipedrive.com"
    std::string client_id;
    Secret client_secret;
    std::string redirect_uri;
  };

  // `caller` must outlive it.
  OAuthClient(Options options, http::Caller& caller);

  // Where a person's browser is sent to be asked.
  std::string AuthorizeUrl(std::string_view state) const;

  // A code is good for five minutes and one exchange.
  absl::StatusOr<OAuthTokens> Exchange(const Secret& code, const http::CallContext& context);
  absl::StatusOr<OAuthTokens> Refresh(const Secret& refresh_token,
                                      const http::CallContext& context);
  // Of a refresh token: uninstalls the app for its user.
  absl::Status Revoke(const Secret& refresh_token, const http::CallContext& context);

 private:
  struct Form;
  absl::StatusOr<http::Response> Post(const quota::Operation& operation, std::string_view path,
                                      const Form& form, const http::CallContext& context);

  const Options options_;
  const Secret basic_;  // "Basic ..."
  http::Caller& caller_;
};

// The origin that calls with a new grant go to, from the `api_domain` it came with.
struct ApiDomainRule {
  std::string configured;      // connectors.pipedrive.api_base_url, or what company_domain makes it
  std::string company_domain;  // "" = any company

  // Pipedrive's answer is believed if it names a host of Pipedrive's over https; PERMISSION_DENIED
  // for another company's. Where the API is configured to be elsewhere (a simulator, a proxy) that
  // holds, unless the answer names another port of this machine.
  absl::StatusOr<std::string> Origin(const std::string& api_domain) const;
};

}  // namespace connector::pipedrive
