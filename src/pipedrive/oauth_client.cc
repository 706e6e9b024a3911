#include "pipedrive/oauth_client.h"

#include <algorithm>
#include <initializer_list>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "http/answer.h"
#include "http/error_table.h"
#include "http/json.h"
#include "http/url.h"
#include "pipedrive/operations.h"

namespace connector::pipedrive {
namespace {

using absl::StatusCode;
using http::ErrorRule;
using Body = ErrorRule::Body;

constexpr std::string_view kClient =
    "check connectors.pipedrive.oauth.client_id and client_secret against the app's page in "
    "Pipedrive's developer hub";
constexpr std::string_view kRedirect =
    "connectors.pipedrive.oauth.redirect_uri must be the callback URL of the app in Pipedrive's "
    "developer hub, letter for letter";
constexpr std::string_view kServer = "check connectors.pipedrive.oauth.base_url";

constexpr ErrorRule Refusal(int first, int last, std::string_view code, std::string_view part,
                            StatusCode result, std::string_view remedy) {
  return {first, last, Body::kAny, code, part, result, Reaction::kPauseAccount, "", {}, remedy};
}

// The texts are those of Pipedrive's page of OAuth status codes, the codes those of RFC 6749, 5.2.
constexpr ErrorRule kTable[] = {
    Refusal(300, 399, "", "", StatusCode::kFailedPrecondition, kServer),
    Refusal(400, 401, "invalid_client", "", StatusCode::kFailedPrecondition, kClient),
    Refusal(400, 401, "unauthorized_client", "", StatusCode::kFailedPrecondition, kClient),
    Refusal(400, 400, "", "redirect_uri", StatusCode::kFailedPrecondition, kRedirect),
    Refusal(400, 400, "", "client is invalid", StatusCode::kFailedPrecondition, kClient),
    Refusal(400, 400, "", "authorization header", StatusCode::kFailedPrecondition, kClient),
    Refusal(400, 400, "", "", StatusCode::kUnauthenticated, ""),
    Refusal(401, 401, "", "", StatusCode::kFailedPrecondition, kClient),
    {408, 408, Body::kAny, "", "", StatusCode::kUnavailable, Reaction::kRetry, "", {}, ""},
    {429, 429, Body::kAny, "", "", StatusCode::kResourceExhausted, Reaction::kRetry, "",
     std::chrono::seconds(10), ""},
    Refusal(403, 405, "", "", StatusCode::kFailedPrecondition, kServer),
    Refusal(400, 499, "", "", StatusCode::kFailedPrecondition, kClient),
    {0, 999, Body::kAny, "", "", StatusCode::kUnavailable, Reaction::kRetry, "", {}, ""},
};

// Facts: expires_in is 3599. Longer than a refresh token lives would be a mistake of somebody's.
constexpr int64_t kUsualLifetime = 3599;
constexpr int64_t kLongestLifetime = int64_t{60} * 86'400;

constexpr size_t kMaxAnswerBytes = size_t{64} << 10;

absl::Status Judge(const quota::Operation& operation, const http::Response& response) {
  if (response.status >= 200 && response.status < 300) return absl::OkStatus();
  http::VendorError error;
  http::JsonText json;
  if (response.IsJson() && json.Parse(response.body)) {
    error.code = json.root()["error"].ScalarText().value_or("");
    for (const std::string_view name : {"message", "error_description", "error_info", "error"}) {
      if (error.text.empty()) error.text = json.root()[name].ScalarText().value_or("");
    }
  }
  ErrorRule rule = *http::FindRule(kTable, response, error);
  if (rule.reaction == Reaction::kRetry) {
    rule.wait = http::WaitOf(response, "retry-after").value_or(rule.wait);
  }
  return http::RuleStatus(rule, "Pipedrive's OAuth server", operation.name, response, error, "");
}

absl::Status Unreadable(std::string_view problem) {
  return WithReaction(absl::UnavailableError(
                          absl::StrCat("the answer of Pipedrive's OAuth server ", ToAbsl(problem))),
                      Reaction::kRetry);
}

// Nothing of the text may be quoted: it holds tokens.
absl::StatusOr<OAuthTokens> DecodeTokens(const std::string& text, bool first) {
  http::JsonText json;
  if (!json.Parse(text)) return Unreadable("is not JSON");
  const http::JsonValue root = json.root();
  const auto member = [&root](std::string_view name) {
    return std::string(root[name].Text().value_or(""));
  };
  OAuthTokens tokens{Secret(member("access_token")), Secret(member("refresh_token")),
                     member("api_domain"), member("scope")};
  if (tokens.access_token.empty()) return Unreadable("holds no access_token");
  if (first && tokens.refresh_token.empty()) return Unreadable("holds no refresh_token");
  const int64_t lifetime = root["expires_in"].Integer().value_or(kUsualLifetime);
  tokens.lifetime = std::chrono::seconds(std::clamp<int64_t>(lifetime, 1, kLongestLifetime));
  return tokens;
}

}  // namespace

struct OAuthClient::Form {
  std::initializer_list<std::pair<std::string_view, std::string_view>> fields;
  const Secret& secret;  // among the fields: not to be quoted from the answer
};

OAuthClient::OAuthClient(Options options, http::Caller& caller)
    : options_(std::move(options)),
      basic_(
          absl::StrCat("Basic ", absl::Base64Escape(absl::StrCat(
                                     options_.client_id, ":", options_.client_secret.Reveal())))),
      caller_(caller) {}

std::string OAuthClient::AuthorizeUrl(std::string_view state) const {
  http::Url url(options_.base_url, "/oauth/authorize");
  url.Query("client_id", options_.client_id);
  url.Query("redirect_uri", options_.redirect_uri);
  url.Query("state", state);
  return url.text();
}

absl::StatusOr<http::Response> OAuthClient::Post(const quota::Operation& operation,
                                                 std::string_view path, const Form& form,
                                                 const http::CallContext& context) {
  std::string body;
  for (const auto& [name, value] : form.fields) {
    absl::StrAppend(&body, body.empty() ? "" : "&", ToAbsl(name), "=", http::PercentEncode(value));
  }
  http::Request request;
  request.method = http::Method::kPost;
  request.url = http::Url(options_.base_url, path).text();
  request.headers = {{"authorization", basic_.Reveal()}, {"accept", "application/json"}};
  request.body = body;
  request.content_type = "application/x-www-form-urlencoded";
  request.max_response_bytes = kMaxAnswerBytes;
  request.timeout = std::chrono::seconds(10);
  return caller_.Call(operation, request, context, [&](const http::Response& response) {
    if (response.status < 300) return Judge(operation, response);
    return Judge(operation,
                 http::Redacted(http::Redacted(response, form.secret), options_.client_secret));
  });
}

absl::StatusOr<OAuthTokens> OAuthClient::Exchange(const Secret& code,
                                                  const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(const http::Response response,
                             Post(kExchangeCode, "/oauth/token",
                                  {{{"grant_type", "authorization_code"},
                                    {"code", code.Reveal()},
                                    {"redirect_uri", options_.redirect_uri}},
                                   code},
                                  context));
  return DecodeTokens(response.body, /*first=*/true);
}

absl::StatusOr<OAuthTokens> OAuthClient::Refresh(const Secret& refresh_token,
                                                 const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(
      const http::Response response,
      Post(kRefreshToken, "/oauth/token",
           {{{"grant_type", "refresh_token"}, {"refresh_token", refresh_token.Reveal()}},
            refresh_token},
           context));
  return DecodeTokens(response.body, /*first=*/false);
}

absl::Status OAuthClient::Revoke(const Secret& refresh_token, const http::CallContext& context) {
  return Post(kRevokeToken, "/oauth/revoke",
              {{{"token", refresh_token.Reveal()}, {"token_type_hint", "refresh_token"}},
               refresh_token},
              context)
      .status();
}

namespace {

constexpr std::string_view kVendorHost = ".pipedrive.com";

// The host of an origin with this scheme, without a port; "" for anything else, also for one with a
// path or a user name.
std::string HostOf(std::string_view origin, std::string_view scheme) {
  if (!origin.starts_with(scheme)) return "";
  const std::string_view authority = origin.substr(scheme.size());
  if (authority.find_first_of("/?#@ \\") != std::string_view::npos) return "";
  return AsciiLower(authority.substr(0, authority.rfind(':')));
}

}  // namespace

absl::StatusOr<std::string> ApiDomainRule::Origin(const std::string& api_domain) const {
  std::string_view origin = api_domain;
  while (origin.ends_with('/')) origin.remove_suffix(1);
  const std::string host = HostOf(origin, "https://");
  const bool vendors = host.size() > kVendorHost.size() && host.ends_with(kVendorHost);
  const std::string wanted = absl::StrCat(company_domain, ToAbsl(kVendorHost));
  const bool simulated = configured.starts_with("http://");  // config takes it for loopback only
  if (vendors && !simulated && !company_domain.empty() && host != wanted) {
    return absl::PermissionDeniedError(absl::StrCat("the authorization is for ", host,
                                                    ", and this service is set up for ", wanted,
                                                    " (connectors.pipedrive.company_domain)"));
  }
  const bool derived = configured.empty() || configured == absl::StrCat("https://", wanted);
  if (!derived) {
    const std::string local = HostOf(origin, "http://");
    const bool this_machine = local == "127.0.0.1" || local == "localhost" || local == "[::1]";
    return simulated && this_machine ? std::string(origin) : configured;
  }
  if (vendors) return std::string(origin);
  return absl::PermissionDeniedError(
      "the authorization names an API that is not at pipedrive.com; if it is meant, set "
      "connectors.pipedrive.api_base_url");
}

}  // namespace connector::pipedrive
