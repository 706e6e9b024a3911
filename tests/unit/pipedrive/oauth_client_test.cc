#include "pipedrive/oauth_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "support/fake_caller.h"

namespace connector::pipedrive {
namespace {

using testing::FakeCaller;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kTokens[] =
    R"({"access_token":"v1u:acc","token_type":"Bearer","refresh_token":"v1u:ref",)"
    R"("scope":"base,contacts:full","expires_in":3599,"api_domain":"https://acme.pipedrive.com"})";

class OAuthClientTest : public ::testing::Test {
 protected:
  FakeCaller caller;
  OAuthClient client{{"https://oauth.pipedrive.com/", "app id", Secret("s3cr+t"),
                      "https://me.example/oauth/callback"},
                     caller};
  const Secret code{"c0de/+="};
};

TEST_F(OAuthClientTest, SendsTheBrowserWithEverythingEncoded) {
  EXPECT_EQ(client.AuthorizeUrl("st/ate"),
            "https://oauth.pipedrive.com/oauth/authorize?client_id=app%20id&redirect_uri="
            "https%3A%2F%2Fme.example%2Foauth%2Fcallback&state=st%2Fate");
}

TEST_F(OAuthClientTest, ExchangesACodeAsAForm) {
  caller.Answer(200, kTokens);
  const auto tokens = client.Exchange(code, {});
  ASSERT_TRUE(tokens.ok()) << tokens.status();
  EXPECT_EQ(tokens->access_token.Reveal(), "v1u:acc");
  EXPECT_EQ(tokens->refresh_token.Reveal(), "v1u:ref");
  EXPECT_EQ(tokens->api_domain, "https://acme.pipedrive.com");
  EXPECT_EQ(tokens->scope, "base,contacts:full");
  EXPECT_EQ(tokens->lifetime, std::chrono::seconds(3599));
  const auto& call = caller.last();
  EXPECT_EQ(call.method, http::Method::kPost);
  EXPECT_EQ(call.url, "https://oauth.pipedrive.com/oauth/token");
  EXPECT_EQ(call.content_type, "application/x-www-form-urlencoded");
  EXPECT_EQ(call.HeaderValue("authorization"), "Basic YXBwIGlkOnMzY3IrdA==");
  EXPECT_EQ(call.body,
            "grant_type=authorization_code&code=c0de%2F%2B%3D&"
            "redirect_uri=https%3A%2F%2Fme.example%2Foauth%2Fcallback");
  EXPECT_EQ(call.operation.repeat, quota::Repeat::kUnsafe);
  EXPECT_EQ(call.operation.family, quota::Family::kUnmetered);
}

TEST_F(OAuthClientTest, RefreshesAndTakesWhatComesBack) {
  caller.Answer(200, R"({"access_token":"new","expires_in":60})");
  const auto tokens = client.Refresh(Secret("ref"), {});
  ASSERT_TRUE(tokens.ok()) << tokens.status();
  EXPECT_EQ(tokens->access_token.Reveal(), "new");
  EXPECT_TRUE(tokens->refresh_token.empty());
  EXPECT_TRUE(tokens->api_domain.empty());
  EXPECT_EQ(tokens->lifetime, std::chrono::seconds(60));
  EXPECT_EQ(caller.last().body, "grant_type=refresh_token&refresh_token=ref");
  EXPECT_EQ(caller.last().operation.repeat, quota::Repeat::kSafe);
}

TEST_F(OAuthClientTest, Revokes) {
  caller.Answer(200, "{}");
  EXPECT_TRUE(client.Revoke(Secret("ref"), {}).ok());
  EXPECT_EQ(caller.last().url, "https://oauth.pipedrive.com/oauth/revoke");
  EXPECT_EQ(caller.last().body, "token=ref&token_type_hint=refresh_token");
}

TEST_F(OAuthClientTest, UnreadableAnswersAreTriedAgain) {
  for (const char* body :
       {"", "<html>", "[]", "{}", R"({"access_token":""})", R"({"access_token":"a"})",
        R"({"access_token":7,"refresh_token":"r"})"}) {
    caller.Answer(200, body);
    const auto tokens = client.Exchange(code, {});
    EXPECT_EQ(tokens.status().code(), absl::StatusCode::kUnavailable) << body;
    EXPECT_EQ(ReactionOf(tokens.status()), Reaction::kRetry) << body;
  }
}

TEST_F(OAuthClientTest, LifetimesAreWithinReason) {
  struct Case {
    const char* expires;
    int64_t seconds;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"0", 1}, {"-5", 1}, {"99999999999", 5184000}, {"\"7200\"", 7200}, {"null", 3599}}) {
    caller.Answer(200, std::string(R"({"access_token":"a","expires_in":)") + c.expires + "}");
    EXPECT_EQ(client.Refresh(Secret("r"), {})->lifetime, std::chrono::seconds(c.seconds))
        << c.expires;
  }
}

TEST_F(OAuthClientTest, RefusalsSayWhatToMend) {
  struct Case {
    int status;
    const char* body;
    absl::StatusCode code;
    Reaction reaction;
    const char* text;
  };
  using enum absl::StatusCode;
  for (const Case& c : std::initializer_list<Case>{
           {400,
            R"({"success":false,"error":"invalid_grant","message":"refresh_token is invalid"})",
            kUnauthenticated, Reaction::kPauseAccount, "refresh_token is invalid"},
           {400, R"({"error":"invalid_grant","error_description":"expired"})", kUnauthenticated,
            Reaction::kPauseAccount, "expired"},
           {400, R"({"error":"invalid_client"})", kFailedPrecondition, Reaction::kPauseAccount,
            "client_id"},
           {401, "denied", kFailedPrecondition, Reaction::kPauseAccount, "client_secret"},
           {400, R"({"success":false,"message":"redirect_uri mismatch"})", kFailedPrecondition,
            Reaction::kPauseAccount, "oauth.redirect_uri"},
           {302, "", kFailedPrecondition, Reaction::kPauseAccount, "oauth.base_url"},
           {404, "", kFailedPrecondition, Reaction::kPauseAccount, "oauth.base_url"},
           {429, "", kResourceExhausted, Reaction::kRetry, ""},
           {500, "", kUnavailable, Reaction::kRetry, ""},
           {503, "", kUnavailable, Reaction::kRetry, ""}}) {
    caller.Answer(c.status, c.body);
    const absl::Status status = client.Refresh(Secret("v1u:r3f"), {}).status();
    EXPECT_EQ(status.code(), c.code) << c.status << c.body;
    EXPECT_EQ(ReactionOf(status), c.reaction) << c.status << c.body;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.text));
  }
}

TEST_F(OAuthClientTest, NoErrorRepeatsASecret) {
  caller.Answer(400, R"({"error":"invalid_grant","message":"c0de/+= with s3cr+t is bad"})");
  const std::string text(client.Exchange(code, {}).status().message());
  EXPECT_THAT(text, HasSubstr("is bad"));
  EXPECT_THAT(text, Not(HasSubstr("c0de")));
  EXPECT_THAT(text, Not(HasSubstr("s3cr")));
}

TEST(ApiDomainRule, TableOfAnswers) {
  struct Case {
    const char* configured;
    const char* company;
    const char* api_domain;
    const char* origin;  // "" = refused
  };
  for (const Case& c : std::initializer_list<Case>{
           // Derived from the company's domain: only that company's host is taken.
           {"https://acme.pipedrive.com", "acme", "https://acme.pipedrive.com",
            "https://acme.pipedrive.com"},
           {"https://acme.pipedrive.com", "acme", "https://acme.pipedrive.com/",
            "https://acme.pipedrive.com"},
           {"https://acme.pipedrive.com", "acme", "https://ACME.pipedrive.com",
            "https://ACME.pipedrive.com"},
           {"https://acme.pipedrive.com", "acme", "https://evil.pipedrive.com", ""},
           {"https://acme.pipedrive.com", "acme", "http://acme.pipedrive.com", ""},
           {"https://acme.pipedrive.com", "acme", "https://acme.pipedrive.com.evil.example", ""},
           {"https://acme.pipedrive.com", "acme", "https://evil.example/acme.pipedrive.com", ""},
           {"https://acme.pipedrive.com", "acme", "https://acme.pipedrive.com@evil.example", ""},
           {"https://acme.pipedrive.com", "acme", "", ""},
           // Without a configured company any of Pipedrive's hosts is.
           {"", "", "https://shop.pipedrive.com", "https://shop.pipedrive.com"},
           {"", "", "https://.pipedrive.com", ""},
           {"", "", "https://evil.example", ""},
           // A simulator: its own answer if it is on this machine, else what is configured.
           {"http://127.0.0.1:8000", "acme", "http://127.0.0.1:8000", "http://127.0.0.1:8000"},
           {"http://127.0.0.1:8000", "acme", "http://localhost:9000", "http://localhost:9000"},
           {"http://127.0.0.1:8000", "acme", "https://other.pipedrive.com",
            "http://127.0.0.1:8000"},
           {"http://127.0.0.1:8000", "acme", "http://evil.example", "http://127.0.0.1:8000"},
           // A proxy keeps its place, and lets in the configured company alone.
           {"https://proxy.example", "acme", "https://acme.pipedrive.com", "https://proxy.example"},
           {"https://proxy.example", "acme", "https://other.pipedrive.com", ""},
           {"https://proxy.example", "acme", "http://127.0.0.1:1", "https://proxy.example"}}) {
    const auto origin = ApiDomainRule{c.configured, c.company}.Origin(c.api_domain);
    EXPECT_EQ(origin.ok() ? *origin : "", c.origin) << c.configured << ' ' << c.api_domain;
    EXPECT_TRUE(origin.ok() || absl::IsPermissionDenied(origin.status())) << origin.status();
  }
}

}  // namespace
}  // namespace connector::pipedrive
