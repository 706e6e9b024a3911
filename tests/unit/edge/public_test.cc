#include "edge/public.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/edge/wire_client.h"

namespace connector::edge {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Handler Says(std::string text) {
  return [text = std::move(text)](const HttpRequest& request, const Responder& respond) {
    respond({.body = text + request.query + request.body});
  };
}

std::vector<Route> Doors() {
  return {{"POST", "/webhooks/pipedrive", Says("hook:")},
          {"GET", "/oauth/callback", Says("callback:")},
          {"GET", "/both", Says("read:")},
          {"POST", "/both", Says("written:")}};
}

TEST(Public, FindsTheRouteByMethodAndPath) {
  auto server = MakePublicServer("127.0.0.1:0", Doors());
  ASSERT_TRUE(server.ok()) << server.status();
  WireClient client((*server)->port());
  EXPECT_EQ(client.Get("/oauth/callback?code=1")->body, "callback:code=1");
  EXPECT_EQ(client.Get("/both")->body, "read:");
  client.Send("POST /both HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_EQ(client.Read()->body, "written:hi");
  client.Send("POST /webhooks/pipedrive HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_EQ(client.Read()->body, "hook:hi");
}

TEST(Public, EverythingElseTellsNothing) {
  const Handler handler = RouteRequests(Doors());
  struct Case {
    const char* method;
    const char* path;
    int status;
    const char* allow;
  };
  for (const Case& c :
       std::initializer_list<Case>{{"GET", "/", 404, ""},
                                   {"GET", "/metrics", 404, ""},
                                   {"POST", "/nothing", 404, ""},
                                   {"POST", "/webhooks/pipedrive/", 404, ""},
                                   {"POST", "/webhooks/Pipedrive", 404, ""},
                                   {"POST", "//webhooks/pipedrive", 404, ""},
                                   {"POST", "/webhooks/../webhooks/pipedrive", 404, ""},
                                   {"POST", "/webhooks%2fpipedrive", 404, ""},
                                   {"GET", "/webhooks/pipedrive", 405, "POST"},
                                   {"HEAD", "/oauth/callback", 405, "GET"},
                                   {"get", "/oauth/callback", 405, "GET"},
                                   {"DELETE", "/both", 405, "GET, POST"},
                                   {"OPTIONS", "*", 404, ""}}) {
    HttpResponse answer;
    handler({.method = c.method, .path = c.path},
            [&answer](HttpResponse given) { answer = std::move(given); });
    EXPECT_EQ(answer.status, c.status) << c.method << ' ' << c.path;
    std::string allow;
    for (const auto& [name, value] : answer.headers) {
      if (name == "Allow") allow = value;
    }
    EXPECT_EQ(allow, c.allow) << c.method << ' ' << c.path;
    EXPECT_THAT(answer.body, AllOf(Not(HasSubstr("pipedrive")), Not(HasSubstr("connector"))));
  }
}

TEST(Public, NoRoutesIsAListenerThatKnowsNothing) {
  auto server = MakePublicServer("127.0.0.1:0", {});
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(WireClient((*server)->port()).Get("/oauth/authorize")->status, 404);
}

TEST(Public, BodiesOverTheCapNeverReachAHandler) {
  auto server = MakePublicServer("127.0.0.1:0", Doors());
  ASSERT_TRUE(server.ok()) << server.status();
  WireClient client((*server)->port());
  client.Send("POST /both HTTP/1.1\r\nHost: t\r\nContent-Length: 1048577\r\n\r\n");
  EXPECT_EQ(client.Read()->status, 413);
}

}  // namespace
}  // namespace connector::edge
