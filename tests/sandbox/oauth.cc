// Pipedrive's OAuth server (facts/pipedrive.md section 7): codes live 5 minutes, refresh tokens
// don't rotate, client authentication is HTTP Basic.
#include <map>
#include <memory>

#include "random.h"
#include "replies.h"
#include "routes.h"
#include "text.h"

namespace sandbox {
namespace {

using nlohmann::json;

constexpr Micros kCodeLife = 300 * kSecond;
constexpr Micros kRefreshLife = 60LL * 86'400 * kSecond;

struct Grant {
  std::string redirect_uri;
  Micros expires = 0;
};

struct OauthState {
  std::map<std::string, Grant> codes;
  uint64_t sequence = 0;
};

std::string MakeToken(const World& world, OauthState& state, const std::string& kind, int parts) {
  std::string out = kind + ":";
  for (int i = 0; i < parts; ++i) {
    out += HexDigest(std::to_string(Mix(world.options.seed + ++state.sequence * 31)));
  }
  return out;
}

std::map<std::string, std::string> ParseForm(const std::string& body) {
  Request form;
  form.target = "/?" + body;
  form.ParseTarget();
  return {form.query.begin(), form.query.end()};
}

Reply Denied(int status, const std::string& error, const std::string& message) {
  return JsonReply(status, {{"success", false}, {"error", error}, {"message", message}});
}

bool IsClient(const World& world, const Request& request) {
  return request.Header("authorization") ==
         "Basic " +
             Base64Encode(world.options.oauth_client_id + ":" + world.options.oauth_client_secret);
}

Reply Authorize(World& world, OauthState& state, const Call& call) {
  const std::string redirect = call.Query("redirect_uri").value_or("");
  if (call.Query("client_id") != world.options.oauth_client_id || redirect.empty()) {
    return Denied(400, "invalid_client", "client is invalid");
  }
  const std::string join = Contains(redirect, "?") ? "&" : "?";
  std::string location = redirect + join;
  if (call.QueryTrue("deny")) {  // the user said no; only tests ask for it
    location += "error=user_denied";
  } else {
    const std::string code = HexDigest(std::to_string(Mix(world.options.seed + ++state.sequence)));
    state.codes[code] = {redirect, world.clock.Now() + kCodeLife};
    location += "code=" + code;
  }
  if (const auto given = call.Query("state")) location += "&state=" + *given;
  Reply reply;
  reply.status = 302;
  reply.content_type = "text/html";
  reply.headers.emplace_back("location", location);
  return reply;
}

Reply Grant200(World& world, OauthState& state, const std::string& refresh) {
  // Long on purpose: clients are told to have room for 768 characters and more.
  const std::string access = MakeToken(world, state, "v1u:access", 52);
  world.access_tokens[access] =
      world.clock.Now() + static_cast<Micros>(world.options.oauth_token_s * kSecond);
  world.refresh_tokens[refresh] = world.clock.Now() + kRefreshLife;
  return JsonReply(200, {{"access_token", access},
                         {"token_type", "Bearer"},
                         {"refresh_token", refresh},
                         {"scope", "base,deals:read,contacts:full,leads:read,search:read,admin"},
                         {"expires_in", static_cast<int64_t>(world.options.oauth_token_s)},
                         {"api_domain", world.api_url}});
}

bool IsForm(const Request& request) {
  return Contains(request.Header("content-type"), "application/x-www-form-urlencoded");
}

Reply Token(World& world, OauthState& state, const Call& call) {
  if (!IsForm(call.request)) return Denied(400, "invalid_request", "the body must be a form");
  if (!IsClient(world, call.request)) return Denied(401, "invalid_client", "client is invalid");
  auto form = ParseForm(call.request.body);
  if (form["grant_type"] == "authorization_code") {
    const auto it = state.codes.find(form["code"]);
    const bool good = it != state.codes.end() && world.clock.Now() < it->second.expires &&
                      it->second.redirect_uri == form["redirect_uri"];
    if (it != state.codes.end()) state.codes.erase(it);
    if (!good) {
      return Denied(400, "invalid_grant", "Invalid grant: authorization code is invalid");
    }
    return Grant200(world, state, MakeToken(world, state, "v1u:refresh", 3));
  }
  if (form["grant_type"] != "refresh_token") {
    return Denied(400, "unsupported_grant_type", "grant type is not supported");
  }
  const auto it = world.refresh_tokens.find(form["refresh_token"]);
  if (it == world.refresh_tokens.end() || world.clock.Now() >= it->second) {
    return Denied(400, "invalid_grant", "Invalid grant: refresh token is invalid");
  }
  return Grant200(world, state, it->first);
}

Reply Revoke(World& world, const Call& call) {
  if (!IsClient(world, call.request)) return Denied(401, "invalid_client", "client is invalid");
  const std::string token = ParseForm(call.request.body)["token"];
  world.access_tokens.erase(token);
  if (world.refresh_tokens.erase(token) > 0) world.access_tokens.clear();  // uninstalled
  return JsonReply(200, json::object());
}

}  // namespace

void AddOauthRoutes(World& world, Router& router) {
  auto state = std::make_shared<OauthState>();
  router.Add({"GET", "/oauth/authorize", {}, 0, [&world, state](const Call& call) {
                return Authorize(world, *state, call);
              }});
  router.Add({"POST", "/oauth/token", {}, 0, [&world, state](const Call& call) {
                return Token(world, *state, call);
              }});
  router.Add(
      {"POST", "/oauth/revoke", {}, 0, [&world](const Call& call) { return Revoke(world, call); }});
}

}  // namespace sandbox
