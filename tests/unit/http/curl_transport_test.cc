#include "http/curl_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/status.h"
#include "support/http_imposter.h"

namespace connector::http {
namespace {

using ::connector::testing::HttpImposter;
using ::testing::HasSubstr;
using ::testing::Not;
using Reply = HttpImposter::Reply;

std::unique_ptr<CurlTransport> MakeTransport() {
  auto transport = CurlTransport::Make({.version = "1.2.3"});
  EXPECT_TRUE(transport.ok()) << transport.status();
  return *std::move(transport);
}

Request Get(std::string url) {
  Request request;
  request.url = std::move(url);
  request.timeout = std::chrono::seconds(20);
  return request;
}

Request Post(std::string url, std::string_view body) {
  Request request = Get(std::move(url));
  request.method = Method::kPost;
  request.body = body;
  return request;
}

HttpImposter::Handler Always(Reply reply) {
  return [reply](const HttpImposter::Request&) { return reply; };
}

TEST(CurlTransportTest, SendsAndReceivesOneExchange) {
  HttpImposter server(Always(HttpImposter::Answer(
      404, "{\"error\":1}", "Content-Type: application/json\r\nX-Two: b\r\n")));
  const auto transport = MakeTransport();
  Request request = Post(server.Url("/persons?a=1%202"), "{\"name\":\"Zo\xc3\xab\"}");
  request.headers = {{"x-api-token", "secret"}, {"x-empty", ""}};
  const auto response = transport->Send(request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->body, "{\"error\":1}");
  EXPECT_EQ(response->HeaderValue("x-two"), "b");
  EXPECT_TRUE(response->IsJson());

  const auto seen = server.requests().at(0);
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, "/persons?a=1%202");
  EXPECT_EQ(seen.body, "{\"name\":\"Zo\xc3\xab\"}");
  EXPECT_EQ(seen.headers.at("x-api-token"), "secret");
  EXPECT_EQ(seen.headers.at("user-agent"), "pipedrive-connector/1.2.3");
  EXPECT_EQ(seen.headers.at("content-type"), "application/json");
  EXPECT_THAT(seen.headers.at("accept-encoding"), HasSubstr("gzip"));
  EXPECT_FALSE(seen.headers.contains("expect"));
}

TEST(CurlTransportTest, EveryMethodGoesOutAsItself) {
  HttpImposter server(Always(HttpImposter::Answer(200, "{}")));
  const auto transport = MakeTransport();
  for (const Method method :
       {Method::kGet, Method::kPost, Method::kPut, Method::kPatch, Method::kDelete}) {
    for (const std::string_view body : {"", "{\"a\":1}"}) {
      Request request = Get(server.Url("/x"));
      request.method = method;
      request.body = body;
      ASSERT_TRUE(transport->Send(request).ok());
      const auto seen = server.requests().back();
      EXPECT_EQ(seen.method, MethodName(method));
      EXPECT_EQ(seen.body, body);
      EXPECT_EQ(seen.headers.contains("content-type"), !body.empty());
    }
  }
}

TEST(CurlTransportTest, KeepsTheConnectionAlive) {
  HttpImposter server(Always(HttpImposter::Answer(200, "{}")));
  const auto transport = MakeTransport();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(transport->Send(Post(server.Url("/"), "{}")).ok());
  EXPECT_EQ(server.connections(), 1);
}

TEST(CurlTransportTest, OpensAtMostOneConnectionForEachSender) {
  HttpImposter server(Always(HttpImposter::Answer(200, "{}")));
  const auto transport = MakeTransport();
  constexpr int kSenders = 4;
  constexpr int kEach = 2500;
  {
    std::vector<std::jthread> senders;
    for (int i = 0; i < kSenders; ++i) {
      senders.emplace_back([&] {
        for (int j = 0; j < kEach; ++j) EXPECT_TRUE(transport->Send(Get(server.Url("/"))).ok());
      });
    }
  }
  EXPECT_EQ(server.requests().size(), size_t{kSenders} * kEach);
  EXPECT_LE(server.connections(), kSenders);
}

TEST(CurlTransportTest, CutsOffAnAnswerThatIsTooLarge) {
  HttpImposter server(Always(HttpImposter::Answer(200, std::string(2'000'000, 'x'))));
  const auto transport = MakeTransport();
  Request request = Get(server.Url("/"));
  request.max_response_bytes = 1'000'000;
  EXPECT_EQ(transport->Send(request).status().code(), absl::StatusCode::kResourceExhausted);
  request.max_response_bytes = 2'000'000;
  EXPECT_TRUE(transport->Send(request).ok());
}

TEST(CurlTransportTest, CountsDecompressedBytesAgainstTheCap) {
  // printf '%s' '{"ok":true}' | gzip -n
  const unsigned char zipped[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xab,
                                  0x56, 0xca, 0xcf, 0x56, 0xb2, 0x2a, 0x29, 0x2a, 0x4d, 0xad, 0x05,
                                  0x00, 0x90, 0x5f, 0xd4, 0xa7, 0x0b, 0x00, 0x00, 0x00};
  const std::string body(reinterpret_cast<const char*>(zipped), sizeof(zipped));
  HttpImposter server(Always(HttpImposter::Answer(200, body, "Content-Encoding: gzip\r\n")));
  const auto transport = MakeTransport();
  Request request = Get(server.Url("/"));
  const auto response = transport->Send(request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, "{\"ok\":true}");
  request.max_response_bytes = 10;
  EXPECT_EQ(transport->Send(request).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(CurlTransportTest, HeadersWithoutEndAreCutOff) {
  std::string headers;
  for (int i = 0; i < 2000; ++i)
    headers += "X-" + std::to_string(i) + ": " + std::string(60, 'x') + "\r\n";
  HttpImposter server(Always(HttpImposter::Answer(200, "{}", headers)));
  const auto transport = MakeTransport();
  EXPECT_EQ(transport->Send(Get(server.Url("/"))).status().code(),
            absl::StatusCode::kResourceExhausted);
}

struct BreakCase {
  std::string_view name;
  Reply reply;
};

class CurlTransportBreaks : public ::testing::TestWithParam<BreakCase> {};

TEST_P(CurlTransportBreaks, AreAmbiguous) {
  HttpImposter server(Always(GetParam().reply));
  const auto transport = MakeTransport();
  for (Request request : {Get(server.Url("/")), Post(server.Url("/"), "{}")}) {
    request.timeout =
        std::chrono::milliseconds(GetParam().reply.then == Reply::Then::kHang ? 100 : 20'000);
    const auto status = transport->Send(request).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnknown) << status;
    EXPECT_EQ(ReactionOf(status), Reaction::kAmbiguous) << status;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, CurlTransportBreaks,
    ::testing::Values(
        BreakCase{"reset_before_answer", {"", Reply::Then::kReset}},
        BreakCase{"closed_before_answer", {"", Reply::Then::kClose}},
        BreakCase{"truncated_body",
                  {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\"", Reply::Then::kClose}},
        BreakCase{"reset_in_body",
                  {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\"", Reply::Then::kReset}},
        BreakCase{"truncated_chunks",
                  {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n",
                   Reply::Then::kClose}},
        BreakCase{"broken_gzip",
                  {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
                   Reply::Then::kClose}},
        BreakCase{"no_answer_in_time", {"", Reply::Then::kHang}}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(CurlTransportTest, ADeadKeptAliveConnectionNeverMakesCurlSendAPostTwice) {
  // The second request on a connection is read, perhaps processed, and then the connection dies.
  HttpImposter server([](const HttpImposter::Request& request) {
    return request.target == "/die" ? Reply{"", Reply::Then::kClose}
                                    : HttpImposter::Answer(200, "{}");
  });
  const auto transport = MakeTransport();
  for (const std::string_view body : {"{\"name\":1}", ""}) {
    const size_t before = server.requests().size();
    ASSERT_TRUE(transport->Send(Get(server.Url("/"))).ok());
    const auto status = transport->Send(Post(server.Url("/die"), body)).status();
    EXPECT_EQ(ReactionOf(status), Reaction::kAmbiguous) << status;
    EXPECT_EQ(server.requests().size(), before + 2) << "body: " << body;
  }
}

TEST(CurlTransportTest, FailureToConnectIsUnavailable) {
  int port = 0;
  {
    HttpImposter server(Always(HttpImposter::Answer(200, "{}")));
    port = server.port();
  }
  const auto transport = MakeTransport();
  const auto status =
      transport->Send(Post("http://127.0.0.1:" + std::to_string(port) + "/", "{}")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_EQ(ReactionOf(status), Reaction::kRetry) << status;
}

TEST(CurlTransportTest, ATlsHandshakeThatNeverEndsIsUnavailable) {
  HttpImposter server(Always({"", Reply::Then::kClose}));  // waits for a request that never comes
  const auto transport =
      CurlTransport::Make({.version = "1", .connect_timeout = std::chrono::milliseconds(100)});
  ASSERT_TRUE(transport.ok());
  const auto status =
      (*transport)->Send(Get("https://127.0.0.1:" + std::to_string(server.port()) + "/")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
}

TEST(CurlTransportTest, DoesNotFollowRedirects) {
  HttpImposter server(Always(HttpImposter::Answer(302, "", "Location: /elsewhere\r\n")));
  const auto transport = MakeTransport();
  const auto response = transport->Send(Get(server.Url("/")));
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST(CurlTransportTest, InterimAnswersLeaveNoHeaders) {
  HttpImposter server(Always(
      {"HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n" + HttpImposter::Answer(200, "{}").bytes}));
  const auto transport = MakeTransport();
  const auto response = transport->Send(Get(server.Url("/")));
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->HeaderValue("x-early"), "");
}

TEST(CurlTransportTest, ErrorsNameTheHostAndNeitherPathNorHeaders) {
  HttpImposter server(Always({"", Reply::Then::kClose}));
  const auto transport = MakeTransport();
  Request request = Get(server.Url("/contacts/person%40example.com?q=person"));
  request.headers = {{"api-key", "xkeysib-secret"}};
  const std::string text = transport->Send(request).status().ToString();
  EXPECT_THAT(text, HasSubstr("127.0.0.1"));
  EXPECT_THAT(text, Not(HasSubstr("person")));
  EXPECT_THAT(text, Not(HasSubstr("xkeysib")));
}

TEST(CurlTransportTest, TheEnvironmentGivesNoProxy) {
  HttpImposter server(Always(HttpImposter::Answer(200, "{}")));
  setenv("http_proxy", "http://127.0.0.1:1/", 1);
  const auto transport = MakeTransport();
  EXPECT_TRUE(transport->Send(Get(server.Url("/"))).ok());
  unsetenv("http_proxy");
}

TEST(CurlTransportTest, AMissingCaFileIsRefusedAtOnce) {
  const auto transport = CurlTransport::Make({.version = "1", .ca_file = "/no/such/file.pem"});
  EXPECT_EQ(transport.status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace connector::http
