#include "http/keyed_caller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_caller.h"

namespace connector::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Request WithKey() {
  Request request;
  request.headers = {{"accept", "application/json"}, {"api-key", "of the start"}};
  return request;
}

absl::Status Ok(const Response&) { return absl::OkStatus(); }

TEST(KeyedCaller, EveryCallHasTheKeyAsItIsThen) {
  testing::FakeCaller inner;
  LiveSecret key(Secret("first"));
  KeyedCaller caller("api-key", key, inner);
  for (int i = 0; i < 2; ++i) inner.Answer(200, "{}");
  ASSERT_TRUE(caller.Call({}, WithKey(), {}, Ok).ok());
  EXPECT_EQ(inner.last().HeaderValue("api-key"), "first");
  EXPECT_EQ(inner.last().headers.size(), 2U);
  EXPECT_TRUE(key.Set(Secret("second")));
  EXPECT_FALSE(key.Set(Secret("second")));
  ASSERT_TRUE(caller.Call({}, WithKey(), {}, Ok).ok());
  EXPECT_EQ(inner.last().HeaderValue("api-key"), "second");
  EXPECT_EQ(inner.last().HeaderValue("accept"), "application/json");
}

TEST(KeyedCaller, ACallWithoutTheHeaderGetsNone) {
  testing::FakeCaller inner;
  const LiveSecret key(Secret("first"));
  KeyedCaller caller("api-key", key, inner);
  inner.Answer(200, "{}");
  ASSERT_TRUE(caller.Call({}, {}, {}, Ok).ok());
  EXPECT_TRUE(inner.last().headers.empty());
}

TEST(KeyedCaller, WhatTheVendorRepeatsOfTheKeyIsNotSeen) {
  testing::FakeCaller inner;
  const LiveSecret key(Secret("xkeysib-secret"));
  KeyedCaller caller("api-key", key, inner);
  inner.Answer(401, R"({"message":"xkeysib-secret is no key"})");
  std::string seen;
  const auto refused = caller.Call({}, WithKey(), {}, [&](const Response& response) {
    seen = response.body;
    return absl::UnauthenticatedError("no");
  });
  EXPECT_FALSE(refused.ok());
  EXPECT_THAT(seen, Not(HasSubstr("xkeysib-secret")));
}

}  // namespace
}  // namespace connector::http
