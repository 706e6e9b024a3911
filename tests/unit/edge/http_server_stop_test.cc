// Stops that meet connections, requests and each other.

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "edge/http_server.h"
#include "unit/edge/server_fixture.h"
#include "unit/edge/wire_client.h"

namespace connector::edge {
namespace {

constexpr auto kPatience = std::chrono::seconds(kPatienceSeconds);

// Connects and asks until the server takes no more; every answer that comes must be whole and its
// own.
void AskUntilItStops(int port, std::atomic<int>& answered, std::atomic<int>& wrong) {
  for (int i = 0;; ++i) {
    WireClient client(port);
    if (!client.connected()) return;
    for (int request = 0; request < 5; ++request) {
      const std::string path = "/" + std::to_string(i) + "-" + std::to_string(request);
      const std::optional<WireAnswer> answer = client.Get(path);
      if (!answer) break;
      (answer->status == 200 && answer->body == path ? answered : wrong) += 1;
    }
  }
}

TEST(HttpServerStop, MeetsClientsThatComeAndAsk) {
  for (int round = 0; round < 10; ++round) {
    const auto server = Serve({.threads = 2}, EchoPath);
    std::atomic<int> answered{0};
    std::atomic<int> wrong{0};
    std::vector<std::thread> clients;
    for (int c = 0; c < 4; ++c) {
      clients.emplace_back([&, port = server->port()] { AskUntilItStops(port, answered, wrong); });
    }
    while (answered < 20) std::this_thread::yield();
    std::thread other([&] { server->Stop(kPatience); });
    server->Stop(kPatience);
    other.join();
    for (std::thread& client : clients) client.join();
    EXPECT_EQ(wrong, 0);
  }
}

TEST(HttpServerStop, LetsEveryRequestUnderWayFinish) {
  constexpr int kClients = 50;
  std::mutex mutex;  // guards what follows
  std::vector<std::pair<std::string, Responder>> kept;
  std::promise<void> all_asked;
  const auto server =
      Serve({.threads = 2}, [&](const HttpRequest& request, const Responder& respond) {
        const std::lock_guard lock(mutex);
        kept.emplace_back(request.path, respond);
        if (kept.size() == kClients) all_asked.set_value();
      });
  std::vector<WireClient> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back(server->port());
    clients.back().Send("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: t\r\n\r\n");
  }
  ASSERT_EQ(all_asked.get_future().wait_for(kPatience), std::future_status::ready);
  WireClient idle(server->port());
  std::future<void> stopped =
      std::async(std::launch::async, [&server] { server->Stop(kPatience); });
  EXPECT_TRUE(idle.EndsByPeer());  // so the stop has begun
  for (auto& [path, respond] : kept) respond({.body = path});
  for (int i = 0; i < kClients; ++i) {
    const auto answer = clients[static_cast<size_t>(i)].Read();
    ASSERT_TRUE(answer.has_value()) << i;
    EXPECT_EQ(answer->body, "/" + std::to_string(i));
    EXPECT_TRUE(clients[static_cast<size_t>(i)].EndsByPeer());
  }
  EXPECT_EQ(stopped.wait_for(kPatience), std::future_status::ready);
}

TEST(HttpServerStop, HoldsNothingUpWithHalfSentRequests) {
  auto server = Serve({.header_timeout = kPatience, .body_timeout = kPatience}, EchoPath);
  std::vector<WireClient> half;
  for (int i = 0; i < 100; ++i) {
    half.emplace_back(server->port());
    half.back().Send(i % 2 == 0 ? "GET /ha"
                                : "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\n");
  }
  ASSERT_TRUE(WireClient(server->port()).Get("/").has_value());
  const auto before = std::chrono::steady_clock::now();
  server->Stop(kPatience);
  EXPECT_LT(std::chrono::steady_clock::now() - before, kPatience / 2);
  for (WireClient& client : half) EXPECT_TRUE(client.EndsByPeer());
}

TEST(HttpServerStop, FreesThePort) {
  auto first = Serve({}, EchoPath);
  const std::string listen = "127.0.0.1:" + std::to_string(first->port());
  ASSERT_TRUE(WireClient(first->port()).Get("/").has_value());
  first->Stop(kPatience);
  const auto second = Serve({.listen = listen}, EchoPath);
  ASSERT_NE(second, nullptr);
  EXPECT_TRUE(WireClient(second->port()).Get("/").has_value());
}

TEST(HttpServerStop, NamesAreResolved) {
  const auto server = Serve({.listen = "localhost:0"}, EchoPath);
  ASSERT_NE(server, nullptr);
  EXPECT_TRUE(WireClient(server->port()).Get("/").has_value());
}

}  // namespace
}  // namespace connector::edge
