#include "edge/peer_limits.h"

#include <gtest/gtest.h>

#include "edge/public.h"
#include "unit/edge/wire_client.h"

namespace connector::edge {
namespace {

TEST(Networks, AwkwardCases) {
  struct Case {
    const char* networks;
    const char* address;
    bool contained;
  };
  for (const Case& c : std::vector<Case>{{"", "10.0.0.1", false},
                                         {"10.0.0.0/8", "10.255.1.2", true},
                                         {"10.0.0.0/8", "11.0.0.1", false},
                                         {"10.0.0.0/8", "::ffff:10.1.2.3", true},
                                         {"10.0.0.0/8", "nobody", false},
                                         {"192.0.2.7", "192.0.2.7", true},
                                         {"192.0.2.7", "192.0.2.70", false},
                                         {"192.0.2.128/25", "192.0.2.127", false},
                                         {"192.0.2.128/25", "192.0.2.128", true},
                                         {"0.0.0.0/0", "203.0.113.1", true},
                                         {"0.0.0.0/0", "2001:db8::1", false},
                                         {"2001:db8::/33", "2001:db8:7fff::1", true},
                                         {"2001:db8::/33", "2001:db8:8000::1", false},
                                         {"no, 10.0.0.0/99,,192.0.2.0/24", "192.0.2.1", true}}) {
    EXPECT_EQ(Networks(c.networks).Contains(c.address), c.contained)
        << c.networks << " " << c.address;
  }
}

PeerLimits::Options TwoPerSecond() {
  PeerLimits::Options options;
  options.requests_per_second = 2;
  options.burst = std::chrono::seconds(2);
  options.trusted_proxies = Networks("10.0.0.0/8");
  return options;
}

HttpRequest From(std::string peer, std::vector<std::string> forwarded = {}) {
  HttpRequest request;
  request.method = "GET";
  request.path = "/";
  request.remote_address = std::move(peer);
  for (std::string& value : forwarded) request.headers.emplace_back("x-forwarded-for", value);
  return request;
}

TEST(PeerLimits, ForwardedAddressesAreBelievedOfTrustedProxiesOnly) {
  ManualClock clock;
  const PeerLimits limits(TwoPerSecond(), clock);
  EXPECT_EQ(limits.PeerOf(From("203.0.113.5", {"198.51.100.1"})), "203.0.113.5");
  EXPECT_EQ(limits.PeerOf(From("10.0.0.1", {"198.51.100.1"})), "198.51.100.1");
  // What a client wrote itself stands before what the proxy added.
  EXPECT_EQ(limits.PeerOf(From("10.0.0.1", {"1.1.1.1, 198.51.100.1"})), "198.51.100.1");
  EXPECT_EQ(limits.PeerOf(From("10.0.0.1", {"1.1.1.1", "198.51.100.1, 10.0.0.2"})), "198.51.100.1");
  EXPECT_EQ(limits.PeerOf(From("10.0.0.1", {"unknown"})), "10.0.0.1");
  EXPECT_EQ(limits.PeerOf(From("10.0.0.1")), "10.0.0.1");
}

TEST(PeerLimits, ABurstThenTheRate) {
  ManualClock clock;
  PeerLimits limits(TwoPerSecond(), clock);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(limits.Admit("198.51.100.1")) << i;
  EXPECT_FALSE(limits.Admit("198.51.100.1"));
  EXPECT_TRUE(limits.Admit("198.51.100.2")) << "another peer has its own";
  clock.Advance(std::chrono::milliseconds(500));
  EXPECT_TRUE(limits.Admit("198.51.100.1"));
  EXPECT_FALSE(limits.Admit("198.51.100.1"));
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(limits.Admit("127.0.0.1")) << "loopback";
    EXPECT_TRUE(limits.Admit("10.1.1.1")) << "a proxy that tells no address";
  }
}

TEST(PeerLimits, AddressesOfOneIpv6NetworkAreOnePeer) {
  ManualClock clock;
  PeerLimits limits(TwoPerSecond(), clock);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(limits.Admit("2001:db8::" + std::to_string(i + 1)));
  EXPECT_FALSE(limits.Admit("2001:db8::ffff"));
  EXPECT_TRUE(limits.Admit("2001:db8:0:1::1"));
}

TEST(PeerLimits, TheTableIsBoundedAndForgetsTheLongestUnseen) {
  ManualClock clock;
  PeerLimits::Options options = TwoPerSecond();
  options.most_peers = 2;
  PeerLimits limits(options, clock);
  for (int i = 0; i < 4; ++i) limits.Admit("198.51.100.1");
  for (int i = 0; i < 4; ++i) limits.Admit("198.51.100.2");
  EXPECT_FALSE(limits.Admit("198.51.100.1"));
  EXPECT_TRUE(limits.Admit("198.51.100.3"));  // takes the place of .2
  EXPECT_FALSE(limits.Admit("198.51.100.1"));
  EXPECT_TRUE(limits.Admit("198.51.100.2"));
}

TEST(LimitRequests, TooManyAreAnswered429AndSeenByNoHandler) {
  ManualClock clock;
  int handled = 0;
  const Handler handler = LimitRequests(std::make_shared<PeerLimits>(TwoPerSecond(), clock),
                                        [&](HttpRequest, const Responder& respond) {
                                          ++handled;
                                          respond({});
                                        });
  std::vector<int> statuses;
  for (int i = 0; i < 6; ++i) {
    handler(From("198.51.100.1"),
            [&](HttpResponse response) { statuses.push_back(response.status); });
  }
  EXPECT_EQ(statuses, (std::vector<int>{200, 200, 200, 200, 429, 429}));
  EXPECT_EQ(handled, 4);
}

TEST(HttpServerPeers, ConnectionsOfOnePeerAreBoundedAndFreedAgain) {
  HttpServer::Options options;
  options.listen = "127.0.0.1:0";
  options.max_connections_per_peer = 2;
  auto server = MakeHttpServer(options, [](HttpRequest, const Responder& respond) { respond({}); });
  ASSERT_TRUE(server.ok()) << server.status();
  {
    WireClient one((*server)->port());
    WireClient two((*server)->port());
    ASSERT_TRUE(one.Get("/").has_value());
    ASSERT_TRUE(two.Get("/").has_value());
    EXPECT_FALSE(WireClient((*server)->port()).Get("/").has_value());
    EXPECT_TRUE(one.Get("/").has_value()) << "the others stay";
  }
  bool let_in = false;
  for (int i = 0; i < 1000 && !let_in; ++i) {
    let_in = WireClient((*server)->port()).Get("/").has_value();
  }
  EXPECT_TRUE(let_in);
}

}  // namespace
}  // namespace connector::edge
