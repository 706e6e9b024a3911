#include "config/values.h"

#include <gtest/gtest.h>

#include "config/addresses.h"

namespace connector::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(DurationTest, ReadsUnitsAndSums) {
  const std::vector<std::pair<const char*, Duration>> cases = {
      {"250ms", milliseconds(250)}, {"30s", seconds(30)},    {"30m", minutes(30)},
      {"24h", hours(24)},           {"7d", hours(24 * 7)},   {"2w", hours(24 * 14)},
      {"1h30m", minutes(90)},       {"0s", Duration::zero()}};
  for (const auto& [text, duration] : cases) EXPECT_EQ(ParseDuration(text), duration) << text;
}

TEST(DurationTest, RefusesEverythingElse) {
  for (const char* text : {"", "30", "m", "-5m", "5 m", "5min", "1.5h", "99999999999d", "5m5"}) {
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  }
}

TEST(DurationTest, IsWrittenAsItIsRead) {
  for (const char* text : {"250ms", "30s", "1m30s", "1h", "7d", "1d12h"}) {
    EXPECT_EQ(FormatDuration(*ParseDuration(text)), text);
  }
}

TEST(MaskUrlTest, HidesUserAndPassword) {
  EXPECT_EQ(MaskUrl("postgresql://u:p@host/db"), "postgresql://***@host/db");
  EXPECT_EQ(MaskUrl("postgresql://u:p@ss@host/db"), "postgresql://***@host/db");
  EXPECT_EQ(MaskUrl("https://host/a@b"), "https://host/a@b");
  EXPECT_EQ(MaskUrl("sqlite:data/connector.db"), "sqlite:data/connector.db");
}

TEST(AddressTest, Listen) {
  for (const char* text : {":0", ":8080", "127.0.0.1:9090", "[::]:1", "localhost:65535"}) {
    EXPECT_EQ(CheckListen(text), "") << text;
  }
  for (const char* text : {"", "8080", "host", ":65536", ":x", "[::1:5", "a b:1", "::1:80"}) {
    EXPECT_NE(CheckListen(text), "") << text;
  }
}

TEST(AddressTest, LoopbackIsJudgedByTheWholeHost) {
  for (const char* text :
       {"http://127.0.0.1.example.com", "http://localhost.example.com", "http://127.0.0.1@evil.com",
        "ftp://localhost", "https://", "https://a b", "https://host:99999", "https://host?x=1"}) {
    EXPECT_NE(CheckOrigin(text), "") << text;
  }
}

TEST(AddressTest, Proxy) {
  for (const char* text : {"http://proxy:3128", "socks5://u:p@10.0.0.1:1080/"}) {
    EXPECT_EQ(CheckProxy(text), "") << text;
  }
  for (const char* text : {"proxy:3128", "http://", "gopher://x"}) {
    EXPECT_NE(CheckProxy(text), "") << text;
  }
}

}  // namespace
}  // namespace connector::config
