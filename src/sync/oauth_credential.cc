#include "sync/oauth_credential.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace connector::sync {
namespace {

constexpr Duration kEarliest = std::chrono::minutes(5);
// For one renewal with its retries.
constexpr Duration kRenewalTime = std::chrono::seconds(40);
// Longer than that, so that nobody else begins while the answer may still come.
constexpr Duration kLease = std::chrono::minutes(1);
// How often a replica looks whether another one has finished.
constexpr Duration kPoll = std::chrono::milliseconds(200);
// While the old token is good, a renewal that failed is not tried again at once.
constexpr Duration kEarlyRetry = std::chrono::seconds(15);

}  // namespace

store::Grant MakeGrant(const pipedrive::OAuthTokens& received, const store::Grant& before,
                       Time sent_at) {
  store::Grant grant;
  grant.access_token = received.access_token;
  grant.refresh_token =
      received.refresh_token.empty() ? before.refresh_token : received.refresh_token;
  grant.api_domain = received.api_domain.empty() ? before.api_domain : received.api_domain;
  grant.scope = received.scope.empty() ? before.scope : received.scope;
  grant.expires_at = sent_at + received.lifetime;
  grant.refresh_at = grant.expires_at - std::min(kEarliest, received.lifetime / 10);
  return grant;
}

OAuthCredential::OAuthCredential(OAuthOptions options, OAuthParts parts)
    : options_(std::move(options)), parts_(parts) {}

absl::StatusOr<http::Access> OAuthCredential::Get(const http::CallContext& context) {
  Lock lock(mutex_);
  const Time now = parts_.clock.Now();
  if (grant_ && now < grant_->expires_at) {
    const bool waits = now < grant_->refresh_at || in_flight_ || now < no_early_renewal_until_;
    if (waits) return AccessOf(*grant_);
  }
  return Renewed(lock, Secret(), context);
}

absl::StatusOr<http::Access> OAuthCredential::OnRefused(const http::Access& refused,
                                                        const http::CallContext& context) {
  Lock lock(mutex_);
  const bool another = grant_ && grant_->access_token.Reveal() != refused.secret.Reveal() &&
                       parts_.clock.Now() < grant_->expires_at;
  if (another) return AccessOf(*grant_);
  return Renewed(lock, refused.secret, context);
}

absl::Status OAuthCredential::Health() const { return Stored().status(); }

void OAuthCredential::Forget() {
  const Lock lock(mutex_);
  grant_.reset();
  no_early_renewal_until_ = {};
}

http::Access OAuthCredential::AccessOf(const store::Grant& grant) const {
  const std::string& token = grant.access_token.Reveal();
  return {grant.api_domain, {"authorization", absl::StrCat("Bearer ", token)}, grant.access_token};
}

absl::StatusOr<store::Grant> OAuthCredential::Stored() const {
  const auto stored = parts_.tokens.GetGrant(options_.connection);
  if (absl::IsDataLoss(stored.status())) return Unusable(stored.status().message());
  if (!stored.ok()) return WithReaction(stored.status(), Reaction::kRetry);
  if (!*stored) return Unusable("nobody has authorized this service in Pipedrive");
  if (!(*stored)->refused.empty()) return Unusable((*stored)->refused);
  return **stored;
}

absl::Status OAuthCredential::Unusable(absl::string_view why) const {
  return WithReaction(
      absl::UnauthenticatedError(absl::StrCat(why, "; authorize at ", options_.authorize_url)),
      Reaction::kPauseAccount);
}

// One thread renews, and those that come meanwhile share what it finds.
absl::StatusOr<http::Access> OAuthCredential::Renewed(Lock& lock, const Secret& refused,
                                                      const http::CallContext& context) {
  while (in_flight_) {
    CONNECTOR_RETURN_IF_ERROR(AwaitFlight(lock, context));
    // The thread that renewed had less time than this one may have.
    const bool abandoned =
        absl::IsCancelled(last_outcome_) || absl::IsDeadlineExceeded(last_outcome_);
    if (abandoned || in_flight_) continue;
    if (!last_outcome_.ok()) return last_outcome_;
    if (grant_ && grant_->access_token.Reveal() != refused.Reveal()) return AccessOf(*grant_);
  }
  in_flight_ = true;
  lock.unlock();
  absl::StatusOr<store::Grant> found = FindOrRenew(refused, context);
  lock.lock();
  in_flight_ = false;
  ++flights_;
  last_outcome_ = found.status();
  landed_.notify_all();
  if (found.ok()) {
    grant_ = *std::move(found);
    const Time now = parts_.clock.Now();
    if (now >= grant_->refresh_at) no_early_renewal_until_ = now + kEarlyRetry;
    return AccessOf(*grant_);
  }
  if (ReactionOf(last_outcome_) == Reaction::kPauseAccount) grant_.reset();
  return last_outcome_;
}

absl::Status OAuthCredential::AwaitFlight(Lock& lock, const http::CallContext& context) {
  const int64_t number = flights_;
  while (in_flight_ && flights_ == number) {
    if (context.stop.stop_requested()) return absl::CancelledError("stopped");
    if (parts_.clock.Now() >= context.deadline) {
      return WithReaction(
          absl::DeadlineExceededError("the OAuth access token was not renewed in time"),
          Reaction::kRetry);
    }
    parts_.clock.WaitFor(landed_, lock, kPoll);
  }
  return absl::OkStatus();
}

absl::StatusOr<store::Grant> OAuthCredential::FindOrRenew(const Secret& refused,
                                                          const http::CallContext& context) {
  const Time give_up = std::min(context.deadline, parts_.clock.Now() + 2 * kLease);
  while (true) {
    CONNECTOR_ASSIGN_OR_RETURN(const store::Grant stored, Stored());
    const Time now = parts_.clock.Now();
    const bool good = stored.access_token.Reveal() != refused.Reveal();
    if (good && now < stored.refresh_at) return stored;
    CONNECTOR_ASSIGN_OR_RETURN(const bool mine,
                               parts_.tokens.LeaseRenewal(options_.connection, stored.version,
                                                          options_.owner, now, kLease));
    if (mine) return Renew(stored, good, context);
    // Another replica is at it.
    if (good && now < stored.expires_at) return stored;
    if (now >= give_up) {
      return WithReaction(absl::UnavailableError("another replica renews the OAuth access token"),
                          Reaction::kRetry);
    }
    if (!parts_.clock.SleepFor(kPoll, context.stop)) return absl::CancelledError("stopped");
  }
}

// `good`: nobody has refused its access token.
absl::StatusOr<store::Grant> OAuthCredential::Renew(const store::Grant& grant, bool good,
                                                    const http::CallContext& context) {
  http::CallContext own;
  own.priority = quota::Priority::kInteractive;
  own.stop = context.stop;
  const Time sent_at = parts_.clock.Now();
  own.deadline = std::min(context.deadline, sent_at + kRenewalTime);
  const auto received = parts_.client.Refresh(grant.refresh_token, own);
  if (received.ok()) {
    store::Grant renewed = MakeGrant(*received, grant, sent_at);
    const auto origin = options_.api_domain.Origin(renewed.api_domain);
    renewed.api_domain = origin.ok() ? *origin : grant.api_domain;
    return Keep(renewed);
  }
  if (absl::IsUnauthenticated(received.status())) return Refuse(grant, received.status());
  parts_.metrics.OnRenewal(options_.connection, "failed");
  parts_.log.Warning(
      "OAuth access token not renewed",
      {{"connection", options_.connection}, {"error", std::string(received.status().message())}});
  const absl::Status released =
      parts_.tokens.ReleaseRenewal(options_.connection, options_.owner);  // else it runs out
  (void)released;
  const bool serves = good && parts_.clock.Now() < grant.expires_at;
  if (serves && ReactionOf(received.status()) != Reaction::kPauseAccount) return grant;
  return received.status();
}

// A grant that can't be stored is used all the same: its refresh token is the stored one.
absl::StatusOr<store::Grant> OAuthCredential::Keep(const store::Grant& grant) {
  const absl::Status kept = parts_.tokens.FinishRenewal(options_.connection, options_.owner, grant);
  parts_.metrics.OnRenewal(options_.connection, "renewed");
  if (kept.ok()) {
    parts_.log.Debug("OAuth access token renewed", {{"connection", options_.connection}});
    return grant;
  }
  parts_.log.Warning("a renewed OAuth access token is not stored",
                     {{"connection", options_.connection}, {"error", std::string(kept.message())}});
  return absl::IsFailedPrecondition(kept) ? Stored() : grant;
}

absl::Status OAuthCredential::Refuse(store::Grant grant, const absl::Status& refusal) {
  grant.refused = absl::StrCat(
      "Pipedrive refuses the grant (the app was uninstalled, access was revoked, or it lay unused "
      "for 60 days): ",
      std::string(refusal.message()));
  parts_.metrics.OnRenewal(options_.connection, "refused");
  const absl::Status marked =
      parts_.tokens.FinishRenewal(options_.connection, options_.owner, grant);
  if (absl::IsFailedPrecondition(marked)) {  // somebody has authorized meanwhile
    return WithReaction(absl::UnavailableError("the OAuth grant was replaced"), Reaction::kRetry);
  }
  return Unusable(grant.refused);
}

}  // namespace connector::sync
