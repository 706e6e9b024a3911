#include "sync/authorization.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace connector::sync {
namespace {

// For logging in at Pipedrive and reading what the app asks for.
constexpr Duration kStateLife = std::chrono::minutes(10);
// 256 bits: nobody guesses one.
constexpr size_t kStateBytes = 32;
// Of the exchange, which a person's browser waits for.
constexpr Duration kPatience = std::chrono::seconds(25);

http::CallContext Interactive(const Clock& clock) {
  http::CallContext context;
  context.priority = quota::Priority::kInteractive;
  context.deadline = clock.Now() + kPatience;
  return context;
}

}  // namespace

Authorization::Authorization(OAuthOptions options, OAuthParts parts, store::Store& store,
                             Random& random, std::function<void()> on_change)
    : options_(std::move(options)),
      parts_(parts),
      store_(store),
      random_(random),
      on_change_(std::move(on_change)) {}

absl::StatusOr<std::string> Authorization::Begin() {
  const std::string state = random_.Hex(kStateBytes);
  const Time now = parts_.clock.Now();
  CONNECTOR_RETURN_IF_ERROR(
      parts_.tokens.AddAuthorization(options_.connection, state, now, now + kStateLife));
  return parts_.client.AuthorizeUrl(state);
}

absl::Status Authorization::TakeState(const std::string& state) {
  CONNECTOR_ASSIGN_OR_RETURN(const bool taken, parts_.tokens.TakeAuthorization(
                                                   options_.connection, state, parts_.clock.Now()));
  if (taken) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("this authorization is not known: it was used already or is older than ten "
                   "minutes; begin again at ",
                   options_.authorize_url));
}

absl::Status Authorization::Finish(const std::string& state, const Secret& code) {
  CONNECTOR_RETURN_IF_ERROR(TakeState(state));
  const Time sent_at = parts_.clock.Now();
  const auto tokens = parts_.client.Exchange(code, Interactive(parts_.clock));
  const absl::Status done = tokens.ok() ? Accept(*tokens, sent_at) : tokens.status();
  parts_.metrics.OnAuthorization(options_.connection, done.ok() ? "granted" : "failed");
  if (!done.ok()) {
    parts_.log.Error("authorization failed",
                     {{"connection", options_.connection}, {"error", std::string(done.message())}});
  }
  return done;
}

absl::Status Authorization::Accept(const pipedrive::OAuthTokens& tokens, Time sent_at) {
  store::Grant grant = MakeGrant(tokens, store::Grant(), sent_at);
  auto origin = options_.api_domain.Origin(grant.api_domain);
  if (!origin.ok()) {
    // Kept by nobody, it would be a key that lies around.
    const absl::Status revoked =
        parts_.client.Revoke(grant.refresh_token, Interactive(parts_.clock));
    parts_.log.Warning("a grant that is not wanted was given back",
                       {{"connection", options_.connection}, {"revoked", revoked.ok()}});
    return origin.status();
  }
  grant.api_domain = *std::move(origin);
  CONNECTOR_RETURN_IF_ERROR(parts_.tokens.PutGrant(options_.connection, grant));
  parts_.log.Info("authorized", {{"connection", options_.connection},
                                 {"api_domain", grant.api_domain},
                                 {"scope", grant.scope}});
  on_change_();
  return absl::OkStatus();
}

absl::Status Authorization::Deny(const std::string& state) {
  CONNECTOR_RETURN_IF_ERROR(TakeState(state));
  parts_.metrics.OnAuthorization(options_.connection, "denied");
  parts_.log.Warning("authorization denied in Pipedrive", {{"connection", options_.connection}});
  return absl::OkStatus();
}

absl::Status Authorization::Uninstall(int64_t company_id, int64_t user_id) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::optional<store::Store::StoredSchema> known,
                             store_.GetSchema(options_.connection));
  if (known) {
    const PipedriveAccount& ours = known->schema.account;
    const bool another_user = ours.user_id != 0 && user_id != 0 && ours.user_id != user_id;
    if (ours.company_id != company_id || another_user) {
      parts_.log.Info("somebody else uninstalled the app", {{"connection", options_.connection}});
      return absl::OkStatus();
    }
  }
  CONNECTOR_RETURN_IF_ERROR(parts_.tokens.DropGrant(options_.connection));
  parts_.metrics.OnAuthorization(options_.connection, "uninstalled");
  parts_.log.Error("the app was uninstalled in Pipedrive",
                   {{"connection", options_.connection}, {"remedy", options_.authorize_url}});
  on_change_();
  return absl::OkStatus();
}

}  // namespace connector::sync
