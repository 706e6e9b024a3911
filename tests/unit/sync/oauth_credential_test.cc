#include "sync/oauth_credential.h"

#include <gmock/gmock.h>

#include <future>
#include <thread>

#include "unit/sync/oauth_fixture.h"

namespace connector::sync {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

class OAuthCredentialTest : public OAuthFixture {
 protected:
  std::string Get() { return TokenOf(credential->Get({})); }

  std::unique_ptr<OAuthCredential> credential = MakeReplica("me");
};

TEST_F(OAuthCredentialTest, WithoutAGrantItSaysWhereToAuthorize) {
  const absl::Status status = credential->Get({}).status();
  EXPECT_TRUE(absl::IsUnauthenticated(status));
  EXPECT_EQ(ReactionOf(status), Reaction::kPauseAccount);
  EXPECT_THAT(std::string(status.message()), HasSubstr("https://me.example/oauth/authorize"));
  EXPECT_EQ(credential->Health(), status);
  EXPECT_EQ(server.calls(), 0U);
  Grant();
  EXPECT_TRUE(credential->Health().ok());
  EXPECT_EQ(Get(), "access-0");
}

TEST_F(OAuthCredentialTest, GivesOriginAndHeader) {
  Grant();
  const auto access = credential->Get({});
  ASSERT_TRUE(access.ok()) << access.status();
  EXPECT_EQ(access->origin, "https://acme.pipedrive.com");
  EXPECT_EQ(access->header, http::Header("authorization", "Bearer access-0"));
}

TEST_F(OAuthCredentialTest, RenewsFiveMinutesBeforeTheEndAndOnce) {
  Grant();
  clock.Advance(minutes(55) - seconds(1));
  EXPECT_EQ(Get(), "access-0");
  EXPECT_EQ(server.calls(), 0U);
  clock.Advance(seconds(1));
  EXPECT_EQ(Get(), "access-1");
  EXPECT_EQ(Get(), "access-1");
  EXPECT_EQ(server.calls(), 1U);
  EXPECT_THAT(server.last_body(), HasSubstr("refresh_token=refresh"));
  EXPECT_EQ((*store->GetGrant(kConnection))->access_token.Reveal(), "access-1");
  clock.Advance(hours(2));
  EXPECT_EQ(Get(), "access-2");
}

TEST_F(OAuthCredentialTest, AShortLifeIsRenewedInItsLastTenth) {
  pipedrive::OAuthTokens tokens{Secret("short"), Secret("refresh"), "https://acme.pipedrive.com",
                                "base", seconds(10)};
  ASSERT_TRUE(store->PutGrant(kConnection, MakeGrant(tokens, {}, clock.Now())).ok());
  clock.Advance(seconds(8));
  EXPECT_EQ(Get(), "short");
  clock.Advance(seconds(1));
  EXPECT_EQ(Get(), "access-1");
}

TEST_F(OAuthCredentialTest, WhileTheOldTokenIsGoodAFailureHurtsNobody) {
  Grant();
  server.answer = [](const http::Request&) { return OAuthServer::Json(503, "{}"); };
  clock.Advance(minutes(56));
  EXPECT_EQ(Get(), "access-0");
  EXPECT_EQ(Get(), "access-0");
  EXPECT_EQ(server.calls(), 1U);  // not asked again at once
  clock.Advance(seconds(15));
  EXPECT_EQ(Get(), "access-0");
  EXPECT_EQ(server.calls(), 2U);
  clock.Advance(minutes(5));
  const absl::Status status = credential->Get({}).status();
  EXPECT_EQ(ReactionOf(status), Reaction::kRetry);
  server.answer = [this](const http::Request&) { return server.Tokens(); };
  EXPECT_EQ(Get(), "access-4");
}

TEST_F(OAuthCredentialTest, ARefusedTokenIsRenewedOnce) {
  Grant();
  const auto refused = credential->Get({});
  ASSERT_TRUE(refused.ok());
  EXPECT_EQ(TokenOf(credential->OnRefused(*refused, {})), "access-1");
  // Those who were refused the same one meanwhile get what is there by now.
  EXPECT_EQ(TokenOf(credential->OnRefused(*refused, {})), "access-1");
  EXPECT_EQ(server.calls(), 1U);
}

TEST_F(OAuthCredentialTest, ARefusedGrantIsMarkedForAllReplicas) {
  Grant();
  const auto other = MakeReplica("other");
  EXPECT_EQ(Get(), "access-0");
  EXPECT_EQ(TokenOf(other->Get({})), "access-0");
  server.answer = [](const http::Request&) {
    return OAuthServer::Json(400, R"({"error":"invalid_grant","message":"refresh is invalid"})");
  };
  const absl::Status status = credential->OnRefused(*credential->Get({}), {}).status();
  EXPECT_TRUE(absl::IsUnauthenticated(status));
  EXPECT_EQ(ReactionOf(status), Reaction::kPauseAccount);
  EXPECT_THAT(std::string(status.message()), HasSubstr("uninstalled"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("https://me.example/oauth/authorize"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("refresh is")));  // the token's name
  EXPECT_FALSE(credential->Get({}).ok());
  EXPECT_FALSE(other->OnRefused(*other->Get({}), {}).ok());
  EXPECT_FALSE(other->Health().ok());
  EXPECT_EQ(server.calls(), 1U);  // a grant that is of no use is not tried again
  Grant("authorized-again");
  credential->Forget();
  EXPECT_EQ(Get(), "authorized-again");
  EXPECT_TRUE(credential->Health().ok());
}

TEST_F(OAuthCredentialTest, AnAppThatIsRefusedKeepsItsGrant) {
  Grant();
  server.answer = [](const http::Request&) {
    return OAuthServer::Json(401, R"({"error":"invalid_client"})");
  };
  clock.Advance(hours(1));
  const absl::Status status = credential->Get({}).status();
  EXPECT_EQ(ReactionOf(status), Reaction::kPauseAccount);
  EXPECT_THAT(std::string(status.message()), HasSubstr("client_secret"));
  server.answer = [this](const http::Request&) { return server.Tokens(); };
  EXPECT_EQ(Get(), "access-2");
}

TEST_F(OAuthCredentialTest, AStoredGrantThatIsNewerNeedsNoRenewal) {
  Grant();
  EXPECT_EQ(Get(), "access-0");
  clock.Advance(minutes(56));
  Grant("by-another-replica");
  EXPECT_EQ(Get(), "by-another-replica");
  EXPECT_EQ(server.calls(), 0U);
}

// The clock of this machine may be wrong or jump: the answer to a 401 is a renewal either way.
TEST_F(OAuthCredentialTest, AClockThatWentBackIsNoticedByThe401) {
  Grant();
  EXPECT_EQ(Get(), "access-0");
  clock.Advance(hours(-3));
  const auto thought_good = credential->Get({});
  EXPECT_EQ(TokenOf(thought_good), "access-0");
  EXPECT_EQ(TokenOf(credential->OnRefused(*thought_good, {})), "access-1");
  EXPECT_EQ(Get(), "access-1");
}

TEST_F(OAuthCredentialTest, AClockThatWentAheadRenewsEarly) {
  Grant();
  clock.Advance(hours(24 * 365));
  EXPECT_EQ(Get(), "access-1");
  clock.Advance(hours(-24 * 365));
  EXPECT_EQ(Get(), "access-1");
  EXPECT_EQ(server.calls(), 1U);
}

TEST_F(OAuthCredentialTest, OfManyThreadsOneRenews) {
  Grant();
  clock.Advance(hours(1));
  std::promise<void> entered;
  std::promise<void> let_go;
  server.answer = [&](const http::Request&) {
    entered.set_value();  // a second call would throw
    let_go.get_future().wait();
    return server.Tokens();
  };
  std::vector<std::future<std::string>> tokens;
  for (int i = 0; i < 8; ++i) {
    tokens.push_back(std::async(std::launch::async, [this] { return Get(); }));
  }
  entered.get_future().wait();
  let_go.set_value();
  for (auto& token : tokens) EXPECT_EQ(token.get(), "access-1");
  EXPECT_EQ(server.calls(), 1U);
}

TEST_F(OAuthCredentialTest, NobodyWaitsForAnEarlyRenewal) {
  Grant();
  EXPECT_EQ(Get(), "access-0");
  clock.Advance(minutes(56));
  std::promise<void> entered;
  std::promise<void> let_go;
  server.answer = [&](const http::Request&) {
    entered.set_value();
    let_go.get_future().wait();
    return server.Tokens();
  };
  auto renewing = std::async(std::launch::async, [this] { return Get(); });
  entered.get_future().wait();
  EXPECT_EQ(Get(), "access-0");
  let_go.set_value();
  EXPECT_EQ(renewing.get(), "access-1");
}

TEST_F(OAuthCredentialTest, AStopEndsTheWaitForARenewal) {
  Grant();
  clock.Advance(hours(1));
  std::promise<void> entered;
  std::promise<void> let_go;
  server.answer = [&](const http::Request&) {
    entered.set_value();
    let_go.get_future().wait();
    return server.Tokens();
  };
  auto renewing = std::async(std::launch::async, [this] { return Get(); });
  entered.get_future().wait();
  std::stop_source stop;
  stop.request_stop();
  http::CallContext context;
  context.stop = stop.get_token();
  EXPECT_TRUE(absl::IsCancelled(credential->Get(context).status()));
  context.stop = {};
  context.deadline = clock.Now();
  EXPECT_TRUE(absl::IsDeadlineExceeded(credential->Get(context).status()));
  let_go.set_value();
  EXPECT_EQ(renewing.get(), "access-1");
}

TEST_F(OAuthCredentialTest, OfTwoReplicasOneRenews) {
  Grant();
  clock.Advance(hours(1));
  // Another replica holds the lease, and finishes while we look again.
  const auto version = (*store->GetGrant(kConnection))->version;
  ASSERT_TRUE(*store->LeaseRenewal(kConnection, version, "other", clock.Now(), minutes(1)));
  std::thread other([this] {
    pipedrive::OAuthTokens tokens{Secret("by-other"), Secret("refresh"),
                                  "https://acme.pipedrive.com", "base", hours(5)};
    EXPECT_TRUE(
        store->FinishRenewal(kConnection, "other", MakeGrant(tokens, {}, clock.Now())).ok());
  });
  other.join();
  EXPECT_EQ(Get(), "by-other");
  EXPECT_EQ(server.calls(), 0U);
}

TEST_F(OAuthCredentialTest, AReplicaThatDiedLosesItsLease) {
  Grant();
  clock.Advance(hours(1));
  const auto version = (*store->GetGrant(kConnection))->version;
  ASSERT_TRUE(*store->LeaseRenewal(kConnection, version, "dead", clock.Now(), minutes(1)));
  EXPECT_EQ(Get(), "access-1");  // the looking moves the clock beyond the lease
}

TEST_F(OAuthCredentialTest, WhileAnotherReplicaIsAtItTheOldTokenServes) {
  Grant();
  clock.Advance(minutes(56));
  const auto version = (*store->GetGrant(kConnection))->version;
  ASSERT_TRUE(*store->LeaseRenewal(kConnection, version, "other", clock.Now(), minutes(1)));
  EXPECT_EQ(Get(), "access-0");
  EXPECT_EQ(server.calls(), 0U);
}

TEST_F(OAuthCredentialTest, AnAuthorizationDuringARenewalWins) {
  Grant();
  clock.Advance(hours(1));
  server.answer = [this](const http::Request&) {
    Grant("authorized-meanwhile");
    return server.Tokens();
  };
  EXPECT_EQ(Get(), "authorized-meanwhile");
  EXPECT_EQ((*store->GetGrant(kConnection))->access_token.Reveal(), "authorized-meanwhile");
}

TEST_F(OAuthCredentialTest, NothingThatIsWrittenHoldsAToken) {
  Grant();
  clock.Advance(hours(1));
  EXPECT_EQ(Get(), "access-1");
  server.answer = [](const http::Request&) {
    return OAuthServer::Json(500, R"({"message":"token refresh is odd"})");
  };
  clock.Advance(hours(1));
  const std::string error(credential->Get({}).status().message());
  EXPECT_THAT(error, HasSubstr("is odd"));
  EXPECT_THAT(error, Not(HasSubstr("refresh is odd")));
  EXPECT_FALSE(lines.empty());
  for (const std::string& line : lines) EXPECT_THAT(line, Not(HasSubstr("access-1"))) << line;
}

}  // namespace
}  // namespace connector::sync
