#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "edge/http_server.h"

namespace connector::edge {

// A set of IP addresses and networks.
class Networks {
 public:
  Networks() = default;
  // "10.0.0.0/8, 2001:db8::/32, 192.0.2.7"; what can't be read, which the configuration has refused
  // before, is left out.
  explicit Networks(std::string_view text);

  bool Contains(std::string_view address) const;

 private:
  struct Network {
    std::string bytes;  // 4 or 16
    int bits = 0;
  };
  std::vector<Network> networks_;
};

// Keeps one peer from taking what is there for all. Peers on this machine are exempt: whoever calls
// from there is a proxy or a test, and no stranger. Any thread.
class PeerLimits {
 public:
  struct Options {
    double requests_per_second = 0;             // 0: no limit
    Duration burst = std::chrono::seconds(10);  // that many seconds' worth at once
    size_t max_connections = 0;                 // of one peer at a time; 0: no limit
    Networks trusted_proxies;                   // whose X-Forwarded-For is believed
    size_t most_peers = 10'000;  // remembered; the one not seen for longest is forgotten
  };

  // `clock` outlives it.
  PeerLimits(Options options, const Clock& clock) : options_(std::move(options)), clock_(clock) {}

  // Who sent the request: its peer, or, if that is a trusted proxy, the last address of
  // X-Forwarded-For that is none.
  std::string PeerOf(const HttpRequest& request) const;

  // False if the peer has sent too many.
  bool Admit(const std::string& peer);

  bool IsExempt(std::string_view peer) const;
  size_t max_connections() const { return options_.max_connections; }

 private:
  struct Peer {
    double tokens = 0;
    Time at{};
    std::list<std::string>::iterator place;
  };

  const Options options_;
  const Clock& clock_;
  std::mutex mutex_;  // guards what follows
  std::unordered_map<std::string, Peer> peers_;
  std::list<std::string> order_;  // longest not seen first
};

// 429 for what `limits` does not admit; `handler` sees the rest.
Handler LimitRequests(std::shared_ptr<PeerLimits> limits, Handler handler);

}  // namespace connector::edge
