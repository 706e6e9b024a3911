#include "edge/oauth_doors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "unit/edge/wire_client.h"

namespace connector::edge {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class OAuthDoorsTest : public ::testing::Test {
 protected:
  OAuthActions Actions() {
    OAuthActions actions;
    actions.begin = [this]() -> absl::StatusOr<std::string> {
      thread = std::this_thread::get_id();
      return begun;
    };
    actions.finish = [this](const std::string& state, const Secret& code) {
      done.push_back("finish " + state + " " + code.Reveal());
      return outcome;
    };
    actions.deny = [this](const std::string& state) {
      done.push_back("deny " + state);
      return outcome;
    };
    actions.uninstall = [this](int64_t company, int64_t user) {
      done.push_back("uninstall " + std::to_string(company) + " " + std::to_string(user));
      return outcome;
    };
    return actions;
  }

  // The answer of a listener with the doors' routes.
  WireAnswer Ask(const std::string& method, const std::string& target,
                 const std::string& headers = "", const std::string& body = "") {
    OAuthDoors doors({password, "app", Secret("s3cret")}, Actions());
    auto server = MakePublicServer("127.0.0.1:0", doors.Routes());
    EXPECT_TRUE(server.ok()) << server.status();
    WireClient client((*server)->port());
    client.Send(method + " " + target + " HTTP/1.1\r\nHost: t\r\n" + headers +
                "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    return client.Read().value_or(WireAnswer());
  }

  Secret password;
  absl::StatusOr<std::string> begun = std::string("https://oauth.example/authorize?state=1");
  absl::Status outcome;
  std::vector<std::string> done;
  std::thread::id thread;
};

TEST_F(OAuthDoorsTest, AuthorizeSendsTheBrowserAway) {
  const WireAnswer answer = Ask("GET", "/oauth/authorize");
  EXPECT_EQ(answer.status, 302);
  EXPECT_EQ(answer.headers.at("location"), *begun);
  EXPECT_EQ(answer.headers.at("cache-control"), "no-store");
  EXPECT_EQ(answer.headers.at("referrer-policy"), "no-referrer");
}

TEST_F(OAuthDoorsTest, AuthorizeAsksForThePassword) {
  password = Secret("open:sesame");
  struct Case {
    const char* header;
    int status;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"", 401},
           {"Authorization: Bearer b3BlbjpzZXNhbWU=\r\n", 401},
           {"Authorization: Basic !!!\r\n", 401},
           {"Authorization: Basic b3BlbjpzZXNhbWU=\r\n", 401},      // open:sesame
           {"Authorization: Basic bWU6b3BlbjpzZXNhbWU=\r\n", 302},  // me:open:sesame
           {"Authorization: basic Om9wZW46c2VzYW1l\r\n", 302}}) {   // :open:sesame
    const WireAnswer answer = Ask("GET", "/oauth/authorize", c.header);
    EXPECT_EQ(answer.status, c.status) << c.header;
    if (c.status != 401) continue;
    EXPECT_THAT(answer.headers.at("www-authenticate"), HasSubstr("Basic"));
  }
}

TEST_F(OAuthDoorsTest, CallbackHandsOnStateAndCodeDecoded) {
  const WireAnswer answer = Ask("GET", "/oauth/callback?code=a%2Fb%3D+c&state=s&code=other");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr("Authorized"));
  EXPECT_THAT(answer.headers.at("content-security-policy"), HasSubstr("default-src 'none'"));
  EXPECT_EQ(answer.headers.at("referrer-policy"), "no-referrer");
  EXPECT_THAT(done, ElementsAre("finish s a/b= c"));
}

TEST_F(OAuthDoorsTest, CallbackTellsWhatWentWrongAndRepeatsNoCode) {
  struct Case {
    absl::Status outcome;
    int status;
    const char* text;
  };
  for (const Case& c : std::initializer_list<Case>{
           {absl::InvalidArgumentError("<used already>"), 400, "&lt;used already&gt;"},
           {absl::PermissionDeniedError("another company"), 403, "another company"},
           {absl::UnauthenticatedError("SPOTTED"), 400, "five minutes"},
           {absl::FailedPreconditionError("SPOTTED"), 500, "its log says"},
           {absl::InternalError("SPOTTED"), 500, "its log says"},
           {absl::UnavailableError("SPOTTED"), 503, "in a minute"}}) {
    outcome = c.outcome;
    const WireAnswer answer = Ask("GET", "/oauth/callback?code=SPOTTED-code&state=SPOTTED-state");
    EXPECT_EQ(answer.status, c.status) << c.text;
    EXPECT_THAT(answer.body, HasSubstr(c.text));
    EXPECT_THAT(answer.body, Not(HasSubstr("SPOTTED")));
  }
}

TEST_F(OAuthDoorsTest, ADenialIsAPlainPage) {
  const WireAnswer answer = Ask("GET", "/oauth/callback?error=user_denied&state=s");
  EXPECT_EQ(answer.status, 403);
  EXPECT_THAT(answer.body, HasSubstr("denied"));
  EXPECT_THAT(done, ElementsAre("deny s"));
}

TEST_F(OAuthDoorsTest, ACallbackWithoutCodeOrStateDoesNothing) {
  for (const char* target :
       {"/oauth/callback", "/oauth/callback?", "/oauth/callback?code=a", "/oauth/callback?state=s",
        "/oauth/callback?code=&state=s", "/oauth/callback?Code=a&State=b"}) {
    EXPECT_EQ(Ask("GET", target).status, 400) << target;
  }
  EXPECT_THAT(done, IsEmpty());
}

TEST_F(OAuthDoorsTest, AnUninstallMustProveItself) {
  constexpr char kBody[] = R"({"client_id":"app","company_id":12,"user_id":"34","timestamp":1})";
  EXPECT_EQ(Ask("DELETE", "/oauth/callback", "", kBody).status, 401);
  EXPECT_EQ(Ask("DELETE", "/oauth/callback", "Authorization: Basic YXBwOndyb25n\r\n", kBody).status,
            401);
  EXPECT_THAT(done, IsEmpty());
  const char* const header = "Authorization: Basic YXBwOnMzY3JldA==\r\n";  // app:s3cret
  EXPECT_EQ(Ask("DELETE", "/oauth/callback", header, "no json").status, 400);
  EXPECT_EQ(Ask("DELETE", "/oauth/callback", header, "[1]").status, 400);
  EXPECT_THAT(done, IsEmpty());
  EXPECT_EQ(Ask("DELETE", "/oauth/callback", header, kBody).status, 200);
  EXPECT_THAT(done, ElementsAre("uninstall 12 34"));
  outcome = absl::UnavailableError("locked");
  EXPECT_EQ(Ask("DELETE", "/oauth/callback", header, kBody).status, 503);
}

TEST_F(OAuthDoorsTest, WhatThrowsIsAnswered) {
  OAuthActions actions = Actions();
  actions.begin = []() -> absl::StatusOr<std::string> { throw std::runtime_error("SPOTTED"); };
  OAuthDoors doors({Secret(), "app", Secret("s3cret")}, actions);
  auto server = MakePublicServer("127.0.0.1:0", doors.Routes());
  ASSERT_TRUE(server.ok());
  const auto answer = WireClient((*server)->port()).Get("/oauth/authorize");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 500);
  EXPECT_THAT(answer->body, Not(HasSubstr("SPOTTED")));
}

TEST_F(OAuthDoorsTest, NothingIsDoneOnTheListenersThread) {
  std::thread::id listener;
  OAuthDoors doors({Secret(), "app", Secret("s3cret")}, Actions());
  std::vector<Route> routes = doors.Routes();
  routes.push_back({"GET", "/thread", [&](const HttpRequest&, const Responder& respond) {
                      listener = std::this_thread::get_id();
                      respond({});
                    }});
  auto server = MakePublicServer("127.0.0.1:0", std::move(routes));
  ASSERT_TRUE(server.ok());
  WireClient client((*server)->port());
  ASSERT_TRUE(client.Get("/thread").has_value());
  ASSERT_TRUE(client.Get("/oauth/authorize").has_value());
  EXPECT_NE(thread, std::thread::id());
  EXPECT_NE(thread, listener);
}

TEST_F(OAuthDoorsTest, AfterAStopTheAnswerIs503) {
  OAuthDoors doors({Secret(), "app", Secret("s3cret")}, Actions());
  auto server = MakePublicServer("127.0.0.1:0", doors.Routes());
  ASSERT_TRUE(server.ok());
  doors.Stop();
  EXPECT_EQ(WireClient((*server)->port()).Get("/oauth/authorize")->status, 503);
}

TEST(QueryValue, TableOfQueries) {
  struct Case {
    const char* query;
    const char* value;
  };
  for (const Case& c : std::initializer_list<Case>{{"a=1", "1"},
                                                   {"b=2&a=1", "1"},
                                                   {"a", ""},
                                                   {"a=", ""},
                                                   {"", ""},
                                                   {"ab=1", ""},
                                                   {"a=1=2", "1=2"},
                                                   {"a=%41%zz%4", "A%zz%4"},
                                                   {"a=%", "%"},
                                                   {"a=x+y", "x y"},
                                                   {"a=1&a=2", "1"}}) {
    EXPECT_EQ(QueryValue(c.query, "a"), c.value) << c.query;
  }
}

}  // namespace
}  // namespace connector::edge
