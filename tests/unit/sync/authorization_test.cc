#include "sync/authorization.h"

#include <gmock/gmock.h>

#include <set>

#include "unit/sync/oauth_fixture.h"

namespace connector::sync {
namespace {

using std::chrono::minutes;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class AuthorizationTest : public OAuthFixture {
 protected:
  // The state of an authorization that is begun now.
  std::string Begin() {
    const std::string url = authorization.Begin().value();
    return url.substr(url.find("&state=") + 7);
  }
  absl::StatusCode Finish(const std::string& state) {
    return authorization.Finish(state, Secret("code")).code();
  }
  std::optional<store::Grant> Stored() { return store->GetGrant(kConnection).value(); }

  SeededRandom random{7};
  int changes = 0;
  Authorization authorization{Options("me"), Parts(), *store, random, [this] { ++changes; }};
};

TEST_F(AuthorizationTest, TheWholeDance) {
  const std::string url = authorization.Begin().value();
  EXPECT_THAT(url, StartsWith("https://oauth.pipedrive.com/oauth/authorize?client_id=app&"));
  EXPECT_EQ(Finish(url.substr(url.find("&state=") + 7)), absl::StatusCode::kOk);
  EXPECT_EQ(server.calls(), 1U);
  EXPECT_THAT(server.last_body(), HasSubstr("code=code"));
  ASSERT_TRUE(Stored().has_value());
  EXPECT_EQ(Stored()->access_token.Reveal(), "access-1");
  EXPECT_EQ(Stored()->expires_at, clock.Now() + std::chrono::hours(1));
  EXPECT_EQ(changes, 1);
}

TEST_F(AuthorizationTest, StatesAreLongAndNeverTheSame) {
  std::set<std::string> states;
  for (int i = 0; i < 100; ++i) states.insert(Begin());
  EXPECT_EQ(states.size(), 100U);
  EXPECT_EQ(states.begin()->size(), 64U);
}

TEST_F(AuthorizationTest, AStateIsGoodOnceAndForTenMinutes) {
  const std::string state = Begin();
  EXPECT_EQ(Finish(state), absl::StatusCode::kOk);
  EXPECT_EQ(Finish(state), absl::StatusCode::kInvalidArgument);
  const std::string late = Begin();
  clock.Advance(minutes(10));
  EXPECT_EQ(Finish(late), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Finish("made-up"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(server.calls(), 1U);  // no code goes out for a state that is not ours
}

TEST_F(AuthorizationTest, ARefusedCodeChangesNothing) {
  Grant("old");
  server.answer = [](const http::Request&) {
    return OAuthServer::Json(400, R"({"error":"invalid_grant","message":"code is invalid"})");
  };
  EXPECT_EQ(Finish(Begin()), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(Stored()->access_token.Reveal(), "old");
  EXPECT_EQ(changes, 0);
}

TEST_F(AuthorizationTest, AnotherCompanysGrantIsGivenBack) {
  server.answer = [](const http::Request&) {
    return OAuthServer::Json(200,
                             R"({"access_token":"a","refresh_token":"foreign","expires_in":60,)"
                             R"("api_domain":"https://evil.pipedrive.com"})");
  };
  const absl::Status status = authorization.Finish(Begin(), Secret("code"));
  EXPECT_TRUE(absl::IsPermissionDenied(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("acme.pipedrive.com"));
  EXPECT_EQ(server.last_body(), "token=foreign&token_type_hint=refresh_token");
  EXPECT_FALSE(Stored().has_value());
  EXPECT_EQ(changes, 0);
}

TEST_F(AuthorizationTest, ADenialUsesTheStateUp) {
  const std::string state = Begin();
  EXPECT_TRUE(authorization.Deny(state).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(authorization.Deny(state)));
  EXPECT_EQ(Finish(state), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(server.calls(), 0U);
}

TEST_F(AuthorizationTest, AnUninstallTakesTheGrantOfItsUserOnly) {
  struct Case {
    bool known;
    int64_t company;
    int64_t user;
    bool gone;
  };
  for (const Case& c : std::initializer_list<Case>{{true, 12, 34, true},
                                                   {true, 12, 0, true},
                                                   {true, 12, 35, false},
                                                   {true, 13, 34, false},
                                                   {true, 0, 0, false},
                                                   {false, 99, 99, true}}) {
    const std::string connection = "main";
    AccountSchema schema;
    schema.account.company_id = 12;
    schema.account.user_id = 34;
    Grant();
    if (c.known) {
      ASSERT_TRUE(store->PutSchema(connection, schema, clock.Now()).ok());
    } else {
      store = store::MakeSqliteStore({":memory:", {Secret("a key of tests")}}, clock).value();
      Grant();
    }
    Authorization doors(Options("me"), Parts(), *store, random, [this] { ++changes; });
    changes = 0;
    EXPECT_TRUE(doors.Uninstall(c.company, c.user).ok());
    EXPECT_EQ(Stored().has_value(), !c.gone) << c.company << ' ' << c.user;
    EXPECT_EQ(changes, c.gone ? 1 : 0);
  }
}

}  // namespace
}  // namespace connector::sync
