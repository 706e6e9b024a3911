#include "http/request_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace connector::http {
namespace {

Request To(std::string url) {
  Request request;
  request.url = std::move(url);
  return request;
}

TEST(RequestCheckTest, HttpsAnywhereAndHttpToLoopback) {
  for (const char* url :
       {"https://api.brevo.com/v3/contacts?a=b", "https://yourcompany.pipedrive.com/api/v2/persons",
        "http://localhost:8080/x", "http://LOCALHOST/", "http://127.0.0.1/", "http://127.9.8.7:1/",
        "http://[::1]:80/", "https://[2001:db8::1]/"}) {
    EXPECT_TRUE(CheckRequest(To(url)).ok()) << url;
  }
}

TEST(RequestCheckTest, RefusesEverythingElse) {
  for (const char* url :
       {"", "/v3/contacts", "api.brevo.com/v3", "http://api.brevo.com/",
        "http://127.0.0.1.evil.com/", "http://localhost.evil.com/", "http://0.0.0.0/",
        "http://[::2]/", "http://[::ffff:8.8.8.8]/", "ftp://localhost/", "file:///etc/passwd",
        "gopher://127.0.0.1/", "https://", "https://user:password@api.brevo.com/",
        "https://user@api.brevo.com/", "https://api.brevo.com/a b",
        "https://api.brevo.com/\r\nX: y", "https://api.brevo.com/\x7f",
        "https://api.brevo.com/\xc3\xab"}) {
    EXPECT_EQ(CheckRequest(To(url)).status().code(), absl::StatusCode::kInvalidArgument) << url;
  }
}

TEST(RequestCheckTest, RefusesBytesThatEndALine) {
  const std::string nul("a\0b", 3);
  EXPECT_FALSE(CheckRequest(To("https://api.brevo.com/" + nul)).ok());
  for (const Header& header : {Header{"x-a", "b\r\nx-evil: 1"}, Header{"x-a", "b\nc"},
                               Header{"x-a", nul}, Header{"x a", "b"}, Header{"x-a:", "b"},
                               Header{"", "b"}, Header{"x-a\r\n", "b"}, Header{nul, "b"}}) {
    Request request = To("https://api.brevo.com/");
    request.headers = {header};
    EXPECT_FALSE(CheckRequest(request).ok()) << header.first;
  }
  Request request = To("https://api.brevo.com/");
  request.content_type = "application/json\r\nx: y";
  EXPECT_FALSE(CheckRequest(request).ok());
}

TEST(RequestCheckTest, TheTextNeverRepeatsTheAddress) {
  const auto status = CheckRequest(To("http://api.brevo.com/contacts/person@example.com")).status();
  EXPECT_THAT(std::string(status.message()), ::testing::Not(::testing::HasSubstr("person")));
}

}  // namespace
}  // namespace connector::http
