#include "edge/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <stdexcept>

#include "unit/edge/server_fixture.h"
#include "unit/edge/wire_client.h"

namespace connector::edge {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(HttpServer, HandsOverTheWholeRequest) {
  std::promise<HttpRequest> seen;
  const auto server = Serve({}, [&seen](HttpRequest request, const Responder& respond) {
    seen.set_value(std::move(request));
    respond({.status = 201, .content_type = "text/x", .headers = {{"X-A", "1"}}, .body = "made"});
  });
  WireClient client(server->port());
  client.Send(
      "PUT /a%20b?c=d?e HTTP/1.1\r\nHost: t\r\nX-Mixed-Case:  v \r\nContent-Length: 4\r\n\r\nbody");
  const auto answer = client.Read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->headers.at("content-type"), "text/x");
  EXPECT_EQ(answer->headers.at("x-a"), "1");
  EXPECT_EQ(answer->body, "made");
  const HttpRequest request = seen.get_future().get();
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.path, "/a%20b");
  EXPECT_EQ(request.query, "c=d?e");
  EXPECT_EQ(request.HeaderValue("x-mixed-case"), "v");
  EXPECT_EQ(request.HeaderValue("absent"), "");
  EXPECT_EQ(request.body, "body");
  EXPECT_EQ(request.remote_address, "127.0.0.1");
}

TEST(HttpServer, ReadsChunkedBodies) {
  const auto server = Serve({}, Echo);
  WireClient client(server->port());
  client.Send(
      "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n");
  const auto answer = client.Read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "abcde");
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  const auto server = Serve({}, EchoPath);
  WireClient client(server->port());
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: t\r\n\r\n";
  }
  client.Send(requests);
  for (int i = 0; i < 50; ++i) {
    const auto answer = client.Read();
    ASSERT_TRUE(answer.has_value()) << i;
    EXPECT_EQ(answer->body, "/" + std::to_string(i));
  }
}

TEST(HttpServer, ClosesWhenAskedTo) {
  const auto server = Serve({}, EchoPath);
  WireClient modern(server->port());
  modern.Send("GET /a HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(modern.Read().has_value());
  EXPECT_TRUE(modern.EndsByPeer());
  WireClient old(server->port());
  old.Send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(old.Read().has_value());
  EXPECT_TRUE(old.EndsByPeer());
}

TEST(HttpServer, KeepsAnOldConnectionOnlyOnRequest) {
  const auto server = Serve({}, EchoPath);
  WireClient client(server->port());
  for (int i = 0; i < 2; ++i) {
    client.Send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const auto answer = client.Read();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->headers.at("connection"), "keep-alive");
  }
}

TEST(HttpServer, ContinuesForAClientThatAsksFirst) {
  const auto server = Serve({}, Echo);
  WireClient client(server->port());
  client.Send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  auto answer = client.Read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 100);
  client.Send("ok");
  answer = client.Read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "ok");
}

TEST(HttpServer, RefusesWhatIsTooLarge) {
  const auto server = Serve({.max_body_bytes = 1000, .max_header_bytes = 2000}, Echo);
  const std::string start = "POST / HTTP/1.1\r\nHost: t\r\n";
  const auto status_of = [&](const std::string& bytes) {
    WireClient client(server->port());
    client.Send(bytes);
    const auto answer = client.Read();
    EXPECT_TRUE(client.EndsByPeer() || !answer.has_value());
    return answer.has_value() ? answer->status : 0;
  };
  EXPECT_EQ(status_of(start + "Connection: close\r\nContent-Length: 1000\r\n\r\n" +
                      std::string(1000, 'x')),
            200);
  EXPECT_EQ(status_of(start + "Content-Length: 1001\r\n\r\n"), 413);
  EXPECT_EQ(status_of(start + "Content-Length: 300000\r\n\r\n" + std::string(300000, 'x')), 413);
  EXPECT_EQ(status_of(start + "Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n"), 413);
  EXPECT_EQ(status_of(start + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'x') +
                      "\r\n0\r\n\r\n"),
            413);
  EXPECT_EQ(status_of(start + "X: " + std::string(3000, 'x') + "\r\n\r\n"), 431);
}

TEST(HttpServer, RefusesWhatIsNoRequest) {
  const auto server = Serve({}, Echo);
  for (const char* bytes :
       {"\x16\x03\x01\x02 a TLS hello\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/3.7\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"}) {
    WireClient client(server->port());
    client.Send(bytes);
    const auto answer = client.Read();
    ASSERT_TRUE(answer.has_value()) << bytes;
    EXPECT_EQ(answer->status, 400) << bytes;
    EXPECT_EQ(answer->headers.at("connection"), "close") << bytes;
  }
}

TEST(HttpServer, AnswersLaterFromAnotherThread) {
  std::promise<Responder> asked;
  const auto server = Serve({}, [&](const HttpRequest& request, Responder respond) {
    if (request.path == "/later") return asked.set_value(std::move(respond));
    respond({.body = "now"});
  });
  WireClient patient(server->port());
  patient.Send("GET /later HTTP/1.1\r\nHost: t\r\n\r\n");
  std::future<Responder> later = asked.get_future();
  ASSERT_EQ(later.wait_for(std::chrono::seconds(kPatienceSeconds)), std::future_status::ready);
  const auto other = WireClient(server->port()).Get("/now");
  ASSERT_TRUE(other.has_value());
  EXPECT_EQ(other->body, "now");
  std::thread([respond = later.get()] {
    respond({.status = 202, .body = "late"});
    respond({.status = 200, .body = "twice"});
  }).join();
  auto answer = patient.Read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 202);
  answer = patient.Get("/now");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "now");
}

TEST(HttpServer, ForgottenOrFailedAnswersAre500) {
  const auto server = Serve({}, [](const HttpRequest& request, const Responder& respond) {
    if (request.path == "/throw") throw std::runtime_error("detail");
    if (request.path == "/odd") throw 7;
    if (request.path == "/split") return respond({.headers = {{"Location", "a\r\nSet-Cookie: b"}}});
    if (request.path == "/name") return respond({.headers = {{"a b", "c"}}});
    if (request.path == "/status") return respond({.status = 99});
  });
  WireClient client(server->port());
  for (const char* path : {"/forget", "/throw", "/odd", "/split", "/name", "/status"}) {
    const auto answer = client.Get(path);
    ASSERT_TRUE(answer.has_value()) << path;
    EXPECT_EQ(answer->status, 500) << path;
    EXPECT_EQ(answer->headers.count("set-cookie"), 0u) << path;
  }
}

TEST(HttpServer, NoContentHasNoBody) {
  const auto server = Serve({}, [](const HttpRequest& request, const Responder& respond) {
    respond({.status = request.path == "/a" ? 204 : 200, .body = "left out"});
  });
  WireClient client(server->port());
  const auto none = client.Get("/a");
  ASSERT_TRUE(none.has_value());
  EXPECT_EQ(none->status, 204);
  EXPECT_EQ(none->headers.count("content-length"), 0u);
  const auto some = client.Get("/b");
  ASSERT_TRUE(some.has_value());
  EXPECT_EQ(some->body, "left out");
}

TEST(HttpServer, ListensOnBothFamilies) {
  if (!HasIpv6()) GTEST_SKIP() << "this machine has no IPv6";
  for (const char* listen : {":0", "[::]:0"}) {
    std::vector<std::string> peers;
    const auto server =
        Serve({.listen = listen}, [](const HttpRequest& request, const Responder& respond) {
          respond({.body = request.remote_address});
        });
    for (const bool ipv6 : {false, true}) {
      const auto answer = WireClient(server->port(), ipv6).Get("/");
      peers.push_back(answer ? answer->body : "");
    }
    EXPECT_THAT(peers, ElementsAre("127.0.0.1", "::1")) << listen;
  }
}

TEST(HttpServer, ListensOnOneFamilyWhenTold) {
  if (!HasIpv6()) GTEST_SKIP() << "this machine has no IPv6";
  const auto server = Serve({.listen = "[::1]:0"}, Echo);
  EXPECT_TRUE(WireClient(server->port(), /*ipv6=*/true).Get("/").has_value());
  EXPECT_FALSE(WireClient(server->port()).connected());
}

TEST(HttpServer, ListenFailuresNameTheAddressAndTheRemedy) {
  for (const char* listen : {"", "9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:+1", "127.0.0.1: 1",
                             "127.0.0.1:65536", "::1:80", "[::1:80", "[127.0.0.1]:80", "a b:80"}) {
    const auto server = MakeHttpServer({.listen = listen}, Echo);
    ASSERT_FALSE(server.ok()) << listen;
    EXPECT_EQ(server.status().code(), absl::StatusCode::kInvalidArgument) << listen;
    EXPECT_THAT(std::string(server.status().message()), HasSubstr(listen));
  }
  const auto first = Serve({}, Echo);
  const std::string taken = "127.0.0.1:" + std::to_string(first->port());
  const auto second = MakeHttpServer({.listen = taken}, Echo);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(taken));
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("choose another port"));
  // 192.0.2.0/24 is kept for documentation (RFC 5737), so no machine has it.
  const auto foreign = MakeHttpServer({.listen = "192.0.2.1:0"}, Echo);
  EXPECT_EQ(foreign.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(foreign.status().message()), HasSubstr("no such address"));
}

}  // namespace
}  // namespace connector::edge
