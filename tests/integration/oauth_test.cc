// OAuth 2.0 from outside: a person's way through the redirects, without a browser; tokens that end
// at every awkward moment; and nothing of it in anything the service writes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "integration/harness.h"
#include "integration/look.h"

namespace connector::integration {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr char kApiToken[] = R"(api_token: "sandbox-pipedrive-token")";
constexpr char kOAuth[] = R"(oauth: {client_id: sandbox-client, client_secret: sandbox-secret, )"
                          R"(redirect_uri: "http://127.0.0.1:1/oauth/callback"})";

World::Options OAuthWorld() {
  World::Options options{.persons = 1200, .organizations = 50, .clock_scale = 30};
  options.config_edits = {{kApiToken, kOAuth}};
  return options;
}

// One way through the redirects. The registered callback is not where the test's listener is, since
// its port is not known before it starts; the browser of a person would be led there by a proxy.
struct Dance {
  explicit Dance(World& world, const std::string& extra = "") {
    begin = HttpGet(world.public_url() + "/oauth/authorize");
    if (begin.status != 302) return;
    vendor = HttpGet(begin.location + extra);
    if (vendor.status != 302) return;
    callback = vendor.location.substr(vendor.location.find("/oauth/callback"));
    end = HttpGet(world.public_url() + callback);
  }
  std::string code() const {
    const size_t at = callback.find("code=") + 5;
    return callback.substr(at, callback.find('&', at) - at);
  }

  HttpResult begin;
  HttpResult vendor;
  std::string callback;
  HttpResult end;
};

int64_t TokenCalls(World& world) {
  return Number(world.Stats()["pipedrive"]["calls"], "POST /oauth/token");
}

std::string Ready(World& world, int expected) {
  const HttpResult ready = HttpGet(world.admin_url() + "/readyz");
  EXPECT_EQ(ready.status, expected) << ready.body;
  return ready.body;
}

TEST(OAuth, TheWholeDance) {
  World world(OAuthWorld());
  world.StartService();
  EXPECT_THAT(Ready(world, 503), HasSubstr("http://127.0.0.1:1/oauth/authorize"));
  const json refused = world.Sync();
  EXPECT_EQ(Progress(refused).value("state", ""), "RUN_STATE_FAILED") << refused.dump(2);
  EXPECT_THAT(Progress(refused).value("error", ""), HasSubstr("/oauth/authorize"));

  const Dance dance(world);
  EXPECT_THAT(dance.begin.location,
              StartsWith(world.sandbox() + "/oauth/authorize?client_id=sandbox-client&"));
  EXPECT_THAT(dance.vendor.location, StartsWith("http://127.0.0.1:1/oauth/callback?code="));
  EXPECT_EQ(dance.end.status, 200) << dance.end.body;

  Ready(world, 200);
  ExpectSucceeded(world.Sync());
  EXPECT_EQ(TokenCalls(world), 1);
  ExpectWellBehaved(world.Stats());

  const HttpResult again = HttpGet(world.public_url() + dance.callback);
  EXPECT_EQ(again.status, 400);
  EXPECT_THAT(again.body, HasSubstr("used already"));
  EXPECT_EQ(TokenCalls(world), 1);
}

TEST(OAuth, ADenialChangesNothing) {
  World world(OAuthWorld());
  world.StartService();
  const Dance dance(world, "&deny=true");
  EXPECT_EQ(dance.end.status, 403);
  EXPECT_THAT(dance.end.body, HasSubstr("denied"));
  EXPECT_EQ(TokenCalls(world), 0);
  Ready(world, 503);
}

TEST(OAuth, AMadeUpCallbackReachesNobody) {
  World world(OAuthWorld());
  world.StartService();
  const HttpResult forged =
      HttpGet(world.public_url() + "/oauth/callback?code=forged&state=" + std::string(64, 'a'));
  EXPECT_EQ(forged.status, 400);
  EXPECT_EQ(TokenCalls(world), 0);
}

TEST(OAuth, TokensThatEndWhileARunIsUnderWay) {
  World::Options options = OAuthWorld();
  options.persons = 3000;
  options.sandbox_flags = {"--oauth-token-s", "20"};
  World world(options);
  world.StartService();
  ASSERT_EQ(Dance(world).end.status, 200);
  // Each page takes more than a third of a token's life.
  world.Fault(
      {{"match", {{"api", "pipedrive"}, {"method", "GET"}, {"path_prefix", "/api/v2/persons"}}},
       {"kind", "latency"},
       {"count", -1},
       {"delay_s", 8}});
  ExpectSucceeded(world.Sync());
  EXPECT_GE(TokenCalls(world), 3);
  ExpectWellBehaved(world.Stats());
}

TEST(OAuth, ATokenRefusedBetweenPagesIsRenewedOnce) {
  World::Options options = OAuthWorld();
  options.persons = 3000;
  World world(options);
  world.StartService();
  ASSERT_EQ(Dance(world).end.status, 200);
  world.Fault(
      {{"match", {{"api", "pipedrive"}, {"method", "GET"}, {"path_prefix", "/api/v2/persons"}}},
       {"kind", "401"},
       {"count", 1},
       {"skip", 3}});
  ExpectSucceeded(world.Sync());
  EXPECT_EQ(TokenCalls(world), 2);
  EXPECT_EQ(Number(world.Stats(), "unauthorized"), 1);
}

// The service believes in each token for ten times as long as it lives.
TEST(OAuth, AClockThatGoesSlowIsNoticedByTheRefusal) {
  World::Options options = OAuthWorld();
  options.sandbox_flags = {"--oauth-token-s", "30"};
  options.config_edits["scale: 30.000000"] = "scale: 3";
  World world(options);
  world.StartService();
  ASSERT_EQ(Dance(world).end.status, 200);
  HttpSend("POST", world.sandbox() + "/sandbox/advance", {{"seconds", 31}});
  ExpectSucceeded(world.Sync());
  EXPECT_GE(Number(world.Stats(), "unauthorized"), 1);
  EXPECT_GE(TokenCalls(world), 2);
  EXPECT_LE(TokenCalls(world), 2 + Number(world.Stats(), "unauthorized"));
}

TEST(OAuth, ARefusedRefreshPausesTheAccountUntilSomebodyAuthorizesAgain) {
  World world(OAuthWorld());
  world.StartService();
  ASSERT_EQ(Dance(world).end.status, 200);
  ExpectSucceeded(world.Sync());
  HttpSend("POST", world.sandbox() + "/sandbox/oauth/uninstall", {});
  EXPECT_EQ(Progress(world.Sync()).value("state", ""), "RUN_STATE_FAILED");
  EXPECT_THAT(Ready(world, 503), HasSubstr("http://127.0.0.1:1/oauth/authorize"));
  const std::string metrics = HttpGet(world.admin_url() + "/metrics").body;
  EXPECT_THAT(metrics, HasSubstr("account_refused{api=\"pipedrive\",connection=\"default\"} 1"));
  EXPECT_THAT(metrics, HasSubstr("account_refused{api=\"brevo\",connection=\"default\"} 0"));
  EXPECT_THAT(metrics,
              HasSubstr("oauth_renewals_total{connection=\"default\",outcome=\"refused\"} 1"));
  EXPECT_THAT(world.service().output(), HasSubstr("account paused"));
  const int64_t calls = TokenCalls(world);
  EXPECT_EQ(Progress(world.Sync()).value("state", ""), "RUN_STATE_FAILED");
  EXPECT_EQ(TokenCalls(world), calls);  // a grant that is refused is not tried again and again

  ASSERT_EQ(Dance(world).end.status, 200);
  Ready(world, 200);
  ExpectSucceeded(world.Sync());
}

TEST(OAuth, AnUninstallIsTakenAtPipedrivesWordOnly) {
  World world(OAuthWorld());
  world.StartService();
  ASSERT_EQ(Dance(world).end.status, 200);
  const json note = {{"client_id", "sandbox-client"}, {"company_id", 1}, {"user_id", 1}};
  const std::string callback = world.public_url() + "/oauth/callback";
  EXPECT_EQ(HttpSend("DELETE", callback, note).status, 401);
  Ready(world, 200);
  std::string proven = callback;
  proven.insert(7, "sandbox-client:sandbox-secret@");
  EXPECT_EQ(HttpSend("DELETE", proven, note).status, 200);
  EXPECT_THAT(Ready(world, 503), HasSubstr("/oauth/authorize"));
}

TEST(OAuth, TheGrantOutlivesAKillAndANewEncryptionKey) {
  World world(OAuthWorld());
  world.StartService();
  ASSERT_EQ(Dance(world).end.status, 200);
  world.KillService();
  std::ifstream file(world.config_file());
  std::stringstream text;
  text << file.rdbuf();
  std::string config = text.str();
  config.replace(config.find("store: {"), 8,
                 "store: {encryption_key: \"a key of thirty-two characters, or more\", ");
  std::ofstream(world.config_file()) << config;
  world.StartService();
  Ready(world, 200);
  ExpectSucceeded(world.Sync());
  EXPECT_EQ(TokenCalls(world), 1);
}

TEST(OAuth, WithAPasswordNotEverybodyMayBegin) {
  World::Options options = OAuthWorld();
  options.config_edits["client_secret: sandbox-secret, "] =
      "client_secret: sandbox-secret, authorize_password: sesame, ";
  World world(options);
  world.StartService();
  EXPECT_EQ(HttpGet(world.public_url() + "/oauth/authorize").status, 401);
  std::string url = world.public_url() + "/oauth/authorize";
  url.insert(7, "me:sesame@");
  EXPECT_EQ(HttpGet(url).status, 302);
}

// Everything the service has written, or says when asked.
std::map<std::string, std::string> EverythingWritten(World& world) {
  std::map<std::string, std::string> written;
  for (const auto& entry : std::filesystem::directory_iterator(world.directory())) {
    const std::string name = entry.path().filename();
    if (name == "sandbox.log" || name == "connector.yaml") continue;
    std::stringstream bytes;
    bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    written[name] = bytes.str();
  }
  for (const char* page : {"/metrics", "/readyz", "/"}) {
    written[page] = HttpGet(world.admin_url() + page).body;
  }
  return written;
}

TEST(OAuth, NoSecretInAnythingThatIsWritten) {
  World::Options options = OAuthWorld();
  options.sandbox_flags = {"--oauth-token-s", "20"};
  options.config_edits["server:\n"] = "log: {level: debug}\nserver:\n";
  World world(options);
  world.StartService();
  const Dance dance(world);
  ASSERT_EQ(dance.end.status, 200);
  ExpectSucceeded(world.Sync());
  const HttpResult reused = HttpGet(world.public_url() + dance.callback);
  // Every kind of failure that has a token at hand.
  for (const char* kind : {"400", "401", "500", "garbage", "truncate", "reset"}) {
    HttpSend("POST", world.sandbox() + "/sandbox/oauth/expire", {});
    world.Fault({{"match", {{"api", "oauth"}, {"path_prefix", "/oauth/token"}}},
                 {"kind", kind},
                 {"count", 1}});
    world.Sync();
    Dance again(world);
  }
  world.Fault({{"match", {{"api", "oauth"}, {"path_prefix", "/oauth/token"}}},
               {"kind", "400"},
               {"count", 1}});
  const Dance failed(world);
  EXPECT_NE(failed.end.status, 200);
  world.Run({"check", "--config", world.config_file()});

  std::map<std::string, std::string> written = EverythingWritten(world);
  written["page after the callback"] = dance.end.body;
  written["page of a code used twice"] = reused.body;
  written["page of a failed exchange"] = failed.end.body;
  EXPECT_THAT(written["service.log"], HasSubstr("\"debug\""));
  for (const char* file : {"service.log", "connector.db", "command.log"}) {
    EXPECT_FALSE(written[file].empty()) << file;
  }
  for (const auto& [name, text] : written) {
    for (const std::string& secret :
         {std::string("v1u:"), dance.code(), failed.code(), std::string("sandbox-secret"),
          std::string("c2FuZGJveC1jbGllbnQ6c2FuZGJveC1zZWNyZXQ"), std::string("Bearer ")}) {
      EXPECT_EQ(text.find(secret), text.npos) << secret << " in " << name;
    }
  }
  EXPECT_EQ(Number(world.Stats(), "credential_violations"), 0);
}

}  // namespace
}  // namespace connector::integration
