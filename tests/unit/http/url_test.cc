#include "http/url.h"

#include <gtest/gtest.h>

namespace connector::http {
namespace {

TEST(PercentEncode, KeepsOnlyUnreserved) {
  EXPECT_EQ(PercentEncode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(PercentEncode("a+b@ex ample.com/?#&=%"), "a%2Bb%40ex%20ample.com%2F%3F%23%26%3D%25");
  EXPECT_EQ(PercentEncode("ü"), "%C3%BC");
  EXPECT_EQ(PercentEncode(std::string_view("\0\xFF", 2)), "%00%FF");
}

TEST(Url, GrowsPartByPart) {
  Url url("https://acme.pipedrive.com///", "/api/v2/persons");
  url.Segment("a/b").Segment(7).Query("limit", 500).Query("cursor", "x=&y");
  EXPECT_EQ(url.text(),
            "https://acme.pipedrive.com/api/v2/persons/a%2Fb/7?limit=500&cursor=x%3D%26y");
}

TEST(IsWebAddress, TakesHttpOnly) {
  EXPECT_TRUE(IsWebAddress("https://s3.example/x.csv?sig=1"));
  EXPECT_TRUE(IsWebAddress("HTTP://127.0.0.1:8/x"));
  for (const char* url : {"", "https://", "http:///etc/passwd", "file:///etc/passwd", "ftp://h/x",
                          "//h/x", "javascript:alert(1)", "httpsx://h"}) {
    EXPECT_FALSE(IsWebAddress(url)) << url;
  }
}

}  // namespace
}  // namespace connector::http
