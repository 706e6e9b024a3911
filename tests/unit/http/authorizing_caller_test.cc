#include "http/authorizing_caller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "base/status.h"
#include "support/fake_caller.h"

namespace connector::http {
namespace {

using testing::FakeCaller;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr quota::Operation kRead{.name = "persons.list"};

// Gives what it is told to, and keeps what was refused.
class FakeCredential : public Credential {
 public:
  absl::StatusOr<Access> Get(const CallContext&) override { return access; }
  absl::StatusOr<Access> OnRefused(const Access& given, const CallContext&) override {
    refused.push_back(given.secret.Reveal());
    return renewed;
  }

  static Access Make(const std::string& token, const std::string& origin) {
    return {origin, {"authorization", "Bearer " + token}, Secret(token)};
  }

  absl::StatusOr<Access> access = Make("t0ken", "https://acme.pipedrive.com");
  absl::StatusOr<Access> renewed = Make("fresh", "https://new.pipedrive.com");
  std::vector<std::string> refused;
};

class AuthorizingCallerTest : public ::testing::Test {
 protected:
  // Judges as the clients do, and quotes the answer.
  absl::StatusOr<Response> Call() {
    Request request;
    request.url = "/api/v2/persons?limit=500";
    request.headers = {{"accept", "application/json"}};
    return caller.Call(kRead, request, {}, [](const Response& response) -> absl::Status {
      if (response.status == 401) return absl::UnauthenticatedError(response.body);
      if (response.status >= 300) return absl::UnavailableError(response.body);
      return absl::OkStatus();
    });
  }

  FakeCaller inner;
  FakeCredential credential;
  AuthorizingCaller caller{credential, inner};
};

TEST_F(AuthorizingCallerTest, AddsOriginAndCredential) {
  inner.Answer(200, "{}");
  EXPECT_TRUE(Call().ok());
  EXPECT_EQ(inner.last().url, "https://acme.pipedrive.com/api/v2/persons?limit=500");
  EXPECT_EQ(inner.last().HeaderValue("authorization"), "Bearer t0ken");
  EXPECT_EQ(inner.last().HeaderValue("accept"), "application/json");
}

TEST_F(AuthorizingCallerTest, ARefusalIsRenewedAndTriedOnce) {
  inner.Answer(401, "no");
  inner.Answer(200, "{}");
  EXPECT_TRUE(Call().ok());
  ASSERT_THAT(inner.calls(), SizeIs(2));
  EXPECT_EQ(inner.last().url, "https://new.pipedrive.com/api/v2/persons?limit=500");
  EXPECT_EQ(inner.last().HeaderValue("authorization"), "Bearer fresh");
  EXPECT_THAT(credential.refused, ::testing::ElementsAre("t0ken"));
}

TEST_F(AuthorizingCallerTest, ASecondRefusalIsTheEnd) {
  inner.Answer(401, "no");
  inner.Answer(401, "still no");
  EXPECT_TRUE(absl::IsUnauthenticated(Call().status()));
  EXPECT_THAT(inner.calls(), SizeIs(2));
  EXPECT_THAT(credential.refused, SizeIs(1));
}

TEST_F(AuthorizingCallerTest, OtherFailuresRenewNothing) {
  inner.Answer(500, "broken");
  EXPECT_TRUE(absl::IsUnavailable(Call().status()));
  EXPECT_THAT(inner.calls(), SizeIs(1));
  EXPECT_THAT(credential.refused, SizeIs(0));
}

TEST_F(AuthorizingCallerTest, WithoutACredentialNoCallIsMade) {
  credential.access = absl::UnauthenticatedError("authorize first");
  EXPECT_EQ(Call().status(), absl::UnauthenticatedError("authorize first"));
  EXPECT_THAT(inner.calls(), SizeIs(0));
}

TEST_F(AuthorizingCallerTest, WhatCannotBeRenewedSaysWhy) {
  inner.Answer(401, "no");
  credential.renewed = absl::UnauthenticatedError("authorize again");
  EXPECT_EQ(Call().status(), absl::UnauthenticatedError("authorize again"));
  EXPECT_THAT(inner.calls(), SizeIs(1));
}

TEST_F(AuthorizingCallerTest, ARepeatedTokenIsNotQuoted) {
  inner.Answer(500, "token t0ken is odd");
  const std::string text(Call().status().message());
  EXPECT_THAT(text, HasSubstr("is odd"));
  EXPECT_THAT(text, Not(HasSubstr("t0ken")));
}

}  // namespace
}  // namespace connector::http
