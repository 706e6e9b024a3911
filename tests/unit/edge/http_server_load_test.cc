// How the server behaves when peers are slow, many, hostile, or when it is told to stop.

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <optional>
#include <random>
#include <thread>
#include <vector>

#include "edge/http_server.h"
#include "unit/edge/server_fixture.h"
#include "unit/edge/wire_client.h"

namespace connector::edge {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kPatience = seconds(kPatienceSeconds);

// A handler that leaves its requests to the test.
struct Kept {
  std::promise<Responder> promise;
  std::future<Responder> asked = promise.get_future();

  Handler handler() {
    return [this](const HttpRequest&, Responder respond) { promise.set_value(std::move(respond)); };
  }
  Responder Take() {
    EXPECT_EQ(asked.wait_for(kPatience), std::future_status::ready);
    return asked.get();
  }
};

TEST(HttpServerLoad, HalfSentRequestsDoNotHoldUpAGoodOne) {
  const auto server = Serve({.header_timeout = kPatience, .body_timeout = kPatience}, EchoPath);
  std::vector<WireClient> slow;
  for (int i = 0; i < 300; ++i) {
    slow.emplace_back(server->port());
    ASSERT_TRUE(slow.back().connected());
    if (i % 3 == 1) slow.back().Send("GET /slow HTT");
    if (i % 3 == 2) slow.back().Send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\nhalf");
  }
  const auto answer = WireClient(server->port()).Get("/good");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "/good");
  slow[1].Send("P/1.1\r\nHost: t\r\n\r\n");
  const auto late = slow[1].Read();
  ASSERT_TRUE(late.has_value());
  EXPECT_EQ(late->body, "/slow");
}

TEST(HttpServerLoad, SlowHeadersBodiesAndSilenceAreClosed) {
  const auto server = Serve({.header_timeout = milliseconds(50),
                             .body_timeout = milliseconds(50),
                             .idle_timeout = milliseconds(50)},
                            EchoPath);
  WireClient silent(server->port());
  WireClient header(server->port());
  WireClient body(server->port());
  WireClient idle(server->port());
  header.Send("GET / HTTP/1.1\r\nHo");
  body.Send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\nhalf");
  EXPECT_TRUE(idle.Get("/").has_value());
  for (WireClient* client : {&silent, &header, &body, &idle}) {
    EXPECT_TRUE(client->EndsByPeer());
    EXPECT_EQ(client->received(), "");
  }
}

TEST(HttpServerLoad, TheNextRequestMayNotTakeTheIdleTime) {
  const auto server =
      Serve({.header_timeout = milliseconds(50), .idle_timeout = 10 * kPatience}, EchoPath);
  WireClient client(server->port());
  ASSERT_TRUE(client.Get("/").has_value());
  client.Send("GET /slo");
  EXPECT_TRUE(client.EndsByPeer());
}

TEST(HttpServerLoad, HandlerThatTakesTooLongIs503) {
  Kept kept;
  const auto server = Serve({.answer_timeout = milliseconds(50)}, kept.handler());
  WireClient client(server->port());
  const auto answer = client.Get("/");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 503);
  EXPECT_TRUE(client.EndsByPeer());
  kept.Take()({.body = "too late"});
}

TEST(HttpServerLoad, PeerThatReadsNothingIsClosed) {
  const auto server =
      Serve({.write_timeout = milliseconds(50)}, [](const HttpRequest&, const Responder& respond) {
        respond({.body = std::string(64 << 20, 'x')});
      });
  WireClient client(server->port());
  client.Send("GET /large HTTP/1.1\r\nHost: t\r\n\r\n");
  // A stop waits for answers under way: it would last for all its patience if the server had any
  // with this peer.
  const auto begun = std::chrono::steady_clock::now();
  server->Stop(kPatience);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, kPatience / 2);
  EXPECT_FALSE(client.Read().has_value());
}

TEST(HttpServerLoad, TheLongestWaitingConnectionGivesWay) {
  const auto server = Serve({.max_connections = 3}, EchoPath);
  WireClient idle(server->port());
  WireClient half(server->port());
  WireClient used(server->port());
  ASSERT_TRUE(idle.Get("/1").has_value());
  half.Send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\nhalf");
  ASSERT_TRUE(used.Get("/2").has_value());
  WireClient fourth(server->port());
  ASSERT_TRUE(fourth.Get("/3").has_value());
  // Which of the first two came first is the server's matter; after two more both have gone.
  WireClient fifth(server->port());
  ASSERT_TRUE(used.Get("/2").has_value());
  ASSERT_TRUE(fifth.Get("/4").has_value());
  EXPECT_TRUE(idle.EndsByPeer());
  EXPECT_TRUE(half.EndsByPeer());
  EXPECT_TRUE(fourth.Get("/5").has_value());
}

TEST(HttpServerLoad, ManySlowConnectionsShutOutNoGoodOne) {
  constexpr int kPlaces = 50;
  const auto server = Serve({.max_connections = kPlaces, .header_timeout = kPatience}, EchoPath);
  std::vector<WireClient> slow;
  for (int i = 0; i < 300; ++i) {
    slow.emplace_back(server->port());
    slow.back().Send("GET /slow HTT");
    if (i % 10 != 0) continue;
    const auto answer = WireClient(server->port()).Get("/good");
    ASSERT_TRUE(answer.has_value()) << i;
    EXPECT_EQ(answer->body, "/good");
  }
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(slow[i].EndsByPeer()) << i;
}

TEST(HttpServerLoad, NobodyGivesWayWhileItsAnswerIsAwaited) {
  Kept kept;
  const auto server = Serve({.max_connections = 1}, kept.handler());
  WireClient busy(server->port());
  busy.Send("GET /busy HTTP/1.1\r\nHost: t\r\n\r\n");
  const Responder respond = kept.Take();
  EXPECT_TRUE(WireClient(server->port()).EndsByPeer());
  respond({.body = "finished"});
  const auto answer = busy.Read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "finished");
}

TEST(HttpServerLoad, StopAnswersWhatIsUnderWay) {
  Kept kept;
  const auto server = Serve({}, kept.handler());
  WireClient idle(server->port());
  WireClient half(server->port());
  half.Send("GET /ha");
  WireClient busy(server->port());
  busy.Send("GET /busy HTTP/1.1\r\nHost: t\r\n\r\n");
  const Responder respond = kept.Take();
  std::thread stop([&] { server->Stop(kPatience); });
  EXPECT_TRUE(idle.EndsByPeer());
  EXPECT_TRUE(half.EndsByPeer());
  EXPECT_FALSE(WireClient(server->port()).connected());
  respond({.body = "finished"});
  const auto answer = busy.Read();
  EXPECT_TRUE(busy.EndsByPeer());
  stop.join();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "finished");
  EXPECT_EQ(answer->headers.at("connection"), "close");
  server->Stop(kPatience);
}

TEST(HttpServerLoad, StopDoesNotWaitBeyondItsDeadline) {
  Kept kept;
  auto server = Serve({.answer_timeout = 10 * kPatience}, kept.handler());
  WireClient client(server->port());
  client.Send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
  Responder respond = kept.Take();
  server->Stop(milliseconds(20));
  EXPECT_TRUE(client.EndsByPeer());
  EXPECT_EQ(client.received(), "");
  respond({.body = "nobody hears it"});
  server.reset();
  respond({.body = "nor this"});
  respond = nullptr;
}

TEST(HttpServerLoad, AnswersMayComeWhileTheServerGoes) {
  for (int round = 0; round < 50; ++round) {
    Kept kept;
    auto server = Serve({.threads = 2}, kept.handler());
    WireClient client(server->port());
    client.Send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
    std::thread answer([respond = kept.Take()] { respond({.body = "racing"}); });
    server.reset();
    answer.join();
    EXPECT_TRUE(client.EndsByPeer());
  }
}

TEST(HttpServerLoad, ManyClientsOnTwoThreads) {
  const auto server =
      Serve({.threads = 2}, [](const HttpRequest& request, const Responder& respond) {
        if (request.path.ends_with("7")) {
          std::thread([respond, path = request.path] { respond({.body = path}); }).detach();
        } else {
          respond({.body = request.path});
        }
      });
  std::atomic<int> good{0};
  std::vector<std::thread> clients;
  clients.reserve(8);
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([&, c] {
      WireClient client(server->port());
      for (int i = 0; i < 100; ++i) {
        const std::string path = "/" + std::to_string(c) + "-" + std::to_string(i);
        const auto answer = client.Get(path);
        if (answer && answer->body == path) ++good;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(good, 800);
}

TEST(HttpServerLoad, GarbageHurtsNobody) {
  std::mt19937 random(20240607);  // fixed, so that a failure can be repeated
  const std::string valid =
      "POST /a?b HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n"
      "5\r\nhello\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: t\r\n\r\n";
  const auto server = Serve({.max_body_bytes = 64, .max_header_bytes = 256}, Echo);
  for (int round = 0; round < 500; ++round) {
    std::string bytes;
    if (round % 4 == 0) {
      bytes.resize(random() % 2000);
      for (char& c : bytes) c = static_cast<char>(random());
    } else {
      bytes = valid;
      for (size_t edits = random() % 6; edits > 0; --edits) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
      bytes.resize(1 + random() % bytes.size());
    }
    WireClient client(server->port());
    client.Send(bytes);
    client.SendNoMore();
    ASSERT_TRUE(client.EndsByPeer()) << "round " << round;
    ASSERT_TRUE(client.received().empty() || client.received().starts_with("HTTP/1."))
        << "round " << round;
  }
  WireClient client(server->port());
  EXPECT_TRUE(client.Get("/").has_value());
}

}  // namespace
}  // namespace connector::edge
