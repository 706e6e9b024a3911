#include "edge/admin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>
#include <vector>

#include "unit/edge/wire_client.h"

namespace connector::edge {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

AdminSources Sources(const Readiness& readiness) {
  return {.metrics = [] { return std::string("up 1\n"); },
          .readiness = [readiness] { return readiness; }};
}

Readiness AllWell() { return {.parts = {{"store", true, ""}, {"default/brevo", true, ""}}}; }

Readiness Troubled() {
  return {.parts = {{"store", true, ""}, {"default/<brevo>", false, "key \"refused\" & 'gone'"}}};
}

std::unique_ptr<HttpServer> Serve(const Readiness& readiness) {
  auto server = MakeAdminServer("127.0.0.1:0", Sources(readiness));
  EXPECT_TRUE(server.ok()) << server.status();
  return server.ok() ? *std::move(server) : nullptr;
}

TEST(Admin, Metrics) {
  const auto server = Serve(AllWell());
  const auto answer = WireClient(server->port()).Get("/metrics?collect=all");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
  EXPECT_THAT(answer->headers.at("content-type"), HasSubstr("text/plain; version=0.0.4"));
  EXPECT_EQ(answer->body, "up 1\n");
}

TEST(Admin, HealthDoesNotDependOnReadiness) {
  const auto server = Serve(Troubled());
  const auto answer = WireClient(server->port()).Get("/healthz");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "ok\n");
}

TEST(Admin, ReadyNamesEveryPart) {
  const auto server = Serve(AllWell());
  const auto answer = WireClient(server->port()).Get("/readyz");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->headers.at("content-type"), "application/json");
  const auto page = nlohmann::json::parse(answer->body);
  EXPECT_EQ(page["ready"], true);
  EXPECT_EQ(page["parts"][1]["name"], "default/brevo");
}

TEST(Admin, NotReadySaysWhatIsWrong) {
  const auto server = Serve(Troubled());
  const auto answer = WireClient(server->port()).Get("/readyz");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 503);
  const auto page = nlohmann::json::parse(answer->body);
  EXPECT_EQ(page["ready"], false);
  EXPECT_EQ(page["parts"][1]["ok"], false);
  EXPECT_EQ(page["parts"][1]["detail"], "key \"refused\" & 'gone'");
}

TEST(Admin, ReadyWithInvalidUtf8IsStillJson) {
  const auto answer =
      AnswerAdmin({.method = "GET", .path = "/readyz"}, Sources({.parts = {{"a", false, "\xff"}}}));
  EXPECT_TRUE(nlohmann::json::accept(answer.body));
}

TEST(Admin, PageForPeopleNeedsNoSource) {
  const auto server = Serve(AllWell());
  const auto answer = WireClient(server->port()).Get("/");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->headers.at("content-type"), "text/html; charset=utf-8");
  EXPECT_THAT(answer->headers.at("content-security-policy"), HasSubstr("default-src 'none'"));
  EXPECT_THAT(answer->body, HasSubstr("/status.js"));
}

// A source that stays until it is let go.
struct Hanging {
  std::promise<void> entered;
  std::promise<void> let_go;

  template <typename Result>
  std::function<Result()> Source() {
    return [this] {
      entered.set_value();
      let_go.get_future().wait();
      return Result();
    };
  }
  // Sends a request for the page that hangs.
  void Ask(const WireClient& client, const std::string& path) {
    client.Send("GET " + path + " HTTP/1.1\r\nHost: t\r\n\r\n");
    entered.get_future().wait();
  }
};

TEST(Admin, SlowPagesHoldUpNoOther) {
  Hanging readiness;
  AdminSources sources = Sources(AllWell());
  sources.readiness = readiness.Source<Readiness>();
  auto server = MakeAdminServer("127.0.0.1:0", std::move(sources));
  ASSERT_TRUE(server.ok()) << server.status();
  WireClient slow((*server)->port());
  readiness.Ask(slow, "/readyz");
  WireClient client((*server)->port());
  for (const char* path : {"/healthz", "/metrics"}) {
    const auto answer = client.Get(path);
    ASSERT_TRUE(answer.has_value()) << path;
    EXPECT_EQ(answer->status, 200) << path;
  }
  readiness.let_go.set_value();
  EXPECT_TRUE(slow.Read().has_value());
}

TEST(Admin, HangingMetricsHoldUpNeitherHealthNorReadiness) {
  Hanging metrics;
  AdminSources sources = Sources(AllWell());
  sources.metrics = metrics.Source<std::string>();
  auto server = MakeAdminServer("127.0.0.1:0", std::move(sources));
  ASSERT_TRUE(server.ok()) << server.status();
  WireClient slow((*server)->port());
  metrics.Ask(slow, "/metrics");
  WireClient client((*server)->port());
  for (const char* path : {"/healthz", "/readyz", "/"}) {
    const auto answer = client.Get(path);
    ASSERT_TRUE(answer.has_value()) << path;
    EXPECT_EQ(answer->status, 200) << path;
  }
  metrics.let_go.set_value();
  EXPECT_TRUE(slow.Read().has_value());
}

TEST(Admin, OnlySoManyWaitForAPageThatHangs) {
  Hanging metrics;
  AdminSources sources = Sources(AllWell());
  sources.metrics = metrics.Source<std::string>();
  auto server = MakeAdminServer("127.0.0.1:0", std::move(sources));
  ASSERT_TRUE(server.ok()) << server.status();
  WireClient slow((*server)->port());
  metrics.Ask(slow, "/metrics");
  std::vector<WireClient> waiting;
  for (int i = 0; i < 16; ++i) {
    waiting.emplace_back((*server)->port());
    waiting.back().Send("GET /metrics HTTP/1.1\r\nHost: t\r\n\r\n");
    ASSERT_TRUE(WireClient((*server)->port()).Get("/healthz").has_value());
  }
  const auto refused = WireClient((*server)->port()).Get("/metrics");
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->status, 503);
  // A stop drops those that wait; `entered` could not be set by them a second time.
  std::thread stop([&] { (*server)->Stop(std::chrono::milliseconds(0)); });
  for (WireClient& client : waiting) EXPECT_TRUE(client.EndsByPeer());
  metrics.let_go.set_value();
  stop.join();
}

TEST(Admin, HeadIsGetWithoutTheBody) {
  const auto server = Serve(AllWell());
  WireClient client(server->port());
  client.Send("HEAD /metrics HTTP/1.1\r\nHost: test\r\n\r\n");
  const auto answer = client.Read(/*to_head=*/true);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->headers.at("content-length"), "5");
  const auto next = client.Get("/healthz");  // would begin with the body if there were one
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->body, "ok\n");
}

TEST(Admin, UnknownPathsAndMethods) {
  const auto server = Serve(AllWell());
  WireClient client(server->port());
  for (const char* path : {"/nothing", "/metrics/", "//", "/%2e%2e/metrics", "/healthz%00"}) {
    const auto answer = client.Get(path);
    ASSERT_TRUE(answer.has_value()) << path;
    EXPECT_EQ(answer->status, 404) << path;
  }
  for (const char* path : {"/", "/metrics", "/healthz", "/readyz"}) {
    client.Send("POST " + std::string(path) +
                " HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\nhi");
    const auto answer = client.Read();
    ASSERT_TRUE(answer.has_value()) << path;
    EXPECT_EQ(answer->status, 405) << path;
    EXPECT_EQ(answer->headers.at("allow"), "GET, HEAD") << path;
  }
}

TEST(Admin, NoAnswerIsKeptOrGuessedAt) {
  const auto server = Serve(AllWell());
  WireClient client(server->port());
  for (const char* path : {"/", "/metrics", "/healthz", "/readyz", "/nothing"}) {
    const auto answer = client.Get(path);
    ASSERT_TRUE(answer.has_value()) << path;
    EXPECT_EQ(answer->headers.at("x-content-type-options"), "nosniff") << path;
    EXPECT_EQ(answer->headers.at("cache-control"), "no-store") << path;
  }
}

TEST(Admin, SourceThatThrowsCostsItsPageOnly) {
  AdminSources sources = Sources(AllWell());
  sources.metrics = []() -> std::string { throw std::runtime_error("secret"); };
  auto server = MakeAdminServer("127.0.0.1:0", std::move(sources));
  ASSERT_TRUE(server.ok()) << server.status();
  WireClient client((*server)->port());
  const auto failed = client.Get("/metrics");
  ASSERT_TRUE(failed.has_value());
  EXPECT_EQ(failed->status, 500);
  EXPECT_THAT(failed->body, Not(HasSubstr("secret")));
  const auto healthy = client.Get("/healthz");
  ASSERT_TRUE(healthy.has_value());
  EXPECT_EQ(healthy->status, 200);
}

}  // namespace
}  // namespace connector::edge
