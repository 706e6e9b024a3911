// The admin pages without a socket.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/admin.h"

namespace connector::edge {
namespace {

using ::testing::Contains;
using ::testing::Not;
using ::testing::Pair;

HttpResponse Answer(const std::string& method, const std::string& path, bool ready = true) {
  const AdminSources sources = {.metrics = [] { return std::string("up 1\n"); },
                                .readiness =
                                    [ready] {
                                      return Readiness{.parts = {{"store", ready, ""}}};
                                    }};
  return AnswerAdmin({.method = method, .path = path}, sources);
}

TEST(AdminAnswers, StatusOfEveryRoute) {
  struct Case {
    const char* method;
    const char* path;
    int ready;
    int troubled;
  };
  for (const Case& c : std::vector<Case>{{"GET", "/", 200, 200},
                                         {"HEAD", "/", 200, 200},
                                         {"GET", "/metrics", 200, 200},
                                         {"GET", "/healthz", 200, 200},
                                         {"GET", "/readyz", 200, 503},
                                         {"HEAD", "/readyz", 200, 503},
                                         {"POST", "/readyz", 405, 405},
                                         {"DELETE", "/metrics", 405, 405},
                                         {"", "/", 405, 405},
                                         {"get", "/", 405, 405},
                                         {"GET", "", 404, 404},
                                         {"POST", "/webhooks/pipedrive", 404, 404}}) {
    EXPECT_EQ(Answer(c.method, c.path).status, c.ready) << c.method << " " << c.path;
    EXPECT_EQ(Answer(c.method, c.path, false).status, c.troubled) << c.method << " " << c.path;
  }
}

TEST(AdminAnswers, OnlyARefusedMethodNamesTheAllowedOnes) {
  EXPECT_THAT(Answer("PUT", "/").headers, Contains(Pair("Allow", "GET, HEAD")));
  EXPECT_THAT(Answer("GET", "/").headers, Not(Contains(Pair("Allow", "GET, HEAD"))));
}

TEST(AdminAnswers, ReadyOnlyIfEveryPartIs) {
  EXPECT_TRUE(Readiness{}.ready());
  EXPECT_TRUE((Readiness{.parts = {{"a", true, ""}, {"b", true, ""}}}).ready());
  EXPECT_FALSE((Readiness{.parts = {{"a", true, ""}, {"b", false, ""}}}).ready());
}

}  // namespace
}  // namespace connector::edge
