#include "app/oauth_road.h"

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/strings.h"

namespace connector::app {
namespace {

http::RetryingCaller::Options CallerOf(const std::string& connection) {
  http::RetryingCaller::Options options;
  options.api = quota::Api::kPipedrive;
  options.connection = connection;
  options.retry.max_attempts = 3;
  options.longest_wait = std::chrono::seconds(20);
  return options;
}

pipedrive::OAuthClient::Options ClientOf(const config::OAuthConfig& oauth) {
  return {oauth.base_url, oauth.client_id, oauth.client_secret, oauth.redirect_uri};
}

// The public address of /oauth/authorize, by that of the callback.
std::string AuthorizeUrl(std::string_view redirect_uri) {
  constexpr std::string_view kCallback = "/oauth/callback";
  if (!redirect_uri.ends_with(kCallback)) return "/oauth/authorize of the public listener";
  redirect_uri.remove_suffix(kCallback.size());
  return absl::StrCat(ToAbsl(redirect_uri), "/oauth/authorize");
}

sync::OAuthOptions OptionsOf(const config::Connection& connection, std::string owner) {
  const config::PipedriveConfig& pipedrive = connection.pipedrive;
  return {connection.name,
          std::move(owner),
          AuthorizeUrl(pipedrive.oauth.redirect_uri),
          {pipedrive.api_base_url, pipedrive.company_domain}};
}

edge::OAuthActions ActionsOf(sync::Authorization& authorization) {
  edge::OAuthActions actions;
  actions.begin = [&] { return authorization.Begin(); };
  actions.finish = [&](const std::string& state, const Secret& code) {
    return authorization.Finish(state, code);
  };
  actions.deny = [&](const std::string& state) { return authorization.Deny(state); };
  actions.uninstall = [&](int64_t company_id, int64_t user_id) {
    return authorization.Uninstall(company_id, user_id);
  };
  return actions;
}

}  // namespace

OAuthRoad::OAuthRoad(const config::Connection& connection, const RoadParts& parts,
                     quota::Budget& budget, http::Caller& inner, std::function<void()> on_change)
    // What fails at the OAuth server says nothing about the API: it has a circuit of its own.
    : caller_(CallerOf(connection.name),
              {parts.transport, budget, parts.metrics, parts.clock, parts.random, parts.log}),
      client_(ClientOf(connection.pipedrive.oauth), caller_),
      credential_(OptionsOf(connection, parts.random.Hex(8)),
                  {*parts.store, client_, parts.clock, parts.log, *parts.oauth_metrics}),
      authorization_(OptionsOf(connection, ""),
                     {*parts.store, client_, parts.clock, parts.log, *parts.oauth_metrics},
                     *parts.store, parts.random,
                     [this, on_change = std::move(on_change)] {
                       credential_.Forget();
                       on_change();
                     }),
      authorizing_(credential_, inner),
      doors_({connection.pipedrive.oauth.authorize_password, connection.pipedrive.oauth.client_id,
              connection.pipedrive.oauth.client_secret},
             ActionsOf(authorization_)) {}

}  // namespace connector::app
