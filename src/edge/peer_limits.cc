#include "edge/peer_limits.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "base/strings.h"
#include "edge/http_answers.h"

namespace connector::edge {
namespace {

namespace ip = boost::asio::ip;

// Of IPv6, one customer has at least so much (RFC 6177).
constexpr size_t kBytesOfV6Peer = 8;

// 4 or 16 bytes, of IPv4 in IPv6 the former; empty if it is no address.
std::string BytesOf(std::string_view text) {
  boost::system::error_code error;
  const ip::address address = ip::make_address(std::string(text), error);
  if (error) return "";
  const auto bytes = [](const auto& array) { return std::string(array.begin(), array.end()); };
  if (address.is_v4()) return bytes(address.to_v4().to_bytes());
  const ip::address_v6 v6 = address.to_v6();
  if (v6.is_v4_mapped()) return bytes(ip::make_address_v4(ip::v4_mapped, v6).to_bytes());
  return bytes(v6.to_bytes());
}

bool SamePrefix(const std::string& a, const std::string& b, int bits) {
  if (a.size() != b.size()) return false;
  const auto whole = static_cast<size_t>(bits / 8);
  if (a.compare(0, whole, b, 0, whole) != 0) return false;
  const int rest = bits % 8;
  if (rest == 0) return true;
  const int mask = 0xff << (8 - rest);
  return ((a[whole] ^ b[whole]) & mask & 0xff) == 0;
}

}  // namespace

Networks::Networks(std::string_view text) {
  for (const auto part : absl::StrSplit(ToAbsl(text), absl::ByAnyChar(", "), absl::SkipEmpty())) {
    const size_t slash = part.find('/');
    Network network{BytesOf(ToStd(part.substr(0, slash))), 0};
    const int all = static_cast<int>(network.bytes.size()) * 8;
    network.bits = all;
    if (slash != part.npos && !absl::SimpleAtoi(part.substr(slash + 1), &network.bits)) continue;
    if (all > 0 && network.bits >= 0 && network.bits <= all) networks_.push_back(network);
  }
}

bool Networks::Contains(std::string_view address) const {
  const std::string bytes = BytesOf(address);
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    return SamePrefix(network.bytes, bytes, network.bits);
  });
}

// The nearest proxy writes last, and only what a trusted one wrote is believed.
std::string PeerLimits::PeerOf(const HttpRequest& request) const {
  std::string peer = request.remote_address;
  std::vector<std::string> hops;
  for (const auto& [name, value] : request.headers) {
    if (name != "x-forwarded-for") continue;
    for (const auto hop : absl::StrSplit(value, ',')) hops.emplace_back(Trim(ToStd(hop)));
  }
  while (options_.trusted_proxies.Contains(peer) && !hops.empty()) {
    if (BytesOf(hops.back()).empty()) break;
    peer = std::move(hops.back());
    hops.pop_back();
  }
  return peer;
}

bool PeerLimits::IsExempt(std::string_view peer) const {
  static const Networks loopback("127.0.0.0/8, ::1");
  return loopback.Contains(peer) || options_.trusted_proxies.Contains(peer);
}

bool PeerLimits::Admit(const std::string& peer) {
  if (options_.requests_per_second <= 0 || IsExempt(peer)) return true;
  std::string key = BytesOf(peer);
  if (key.size() > kBytesOfV6Peer) key.resize(kBytesOfV6Peer);
  const double most = std::max(
      1.0, options_.requests_per_second * std::chrono::duration<double>(options_.burst).count());
  const Time now = clock_.Now();
  const std::lock_guard lock(mutex_);
  auto found = peers_.find(key);
  if (found == peers_.end()) {
    if (peers_.size() >= options_.most_peers) {
      peers_.erase(order_.front());
      order_.pop_front();
    }
    found = peers_.emplace(key, Peer{most, now, order_.insert(order_.end(), key)}).first;
  }
  Peer& known = found->second;
  order_.splice(order_.end(), order_, known.place);
  const double passed = std::chrono::duration<double>(now - known.at).count();
  known.tokens =
      std::min(most, known.tokens + std::max(passed, 0.0) * options_.requests_per_second);
  known.at = now;
  if (known.tokens < 1) return false;
  known.tokens -= 1;
  return true;
}

Handler LimitRequests(std::shared_ptr<PeerLimits> limits, Handler handler) {
  return [limits = std::move(limits), handler = std::move(handler)](HttpRequest request,
                                                                    const Responder& respond) {
    if (limits->Admit(limits->PeerOf(request))) return handler(std::move(request), respond);
    HttpResponse refusal = PlainAnswer(429, "too many requests\n");
    refusal.headers.emplace_back("Retry-After", "3");  // as Pipedrive waits by itself
    respond(std::move(refusal));
  };
}

}  // namespace connector::edge
