#include "edge/listen_address.h"

#include <algorithm>
#include <boost/asio/ip/v6_only.hpp>
#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace connector::edge {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct Address {
  tcp::endpoint endpoint;
  bool both_families = false;
};

absl::Status NoAddress(const std::string& listen) {
  return absl::InvalidArgumentError(absl::StrCat(
      "'", listen, "' is no address to listen on; use HOST:PORT, [IPV6]:PORT or :PORT"));
}

absl::Status CannotListen(const std::string& listen, const error_code& error) {
  std::string_view remedy = "choose another address or port";
  if (error == asio::error::address_in_use) {
    remedy = "something listens there already: stop it or choose another port";
  } else if (error == asio::error::access_denied) {
    remedy = "ports below 1024 need a privilege: choose a higher one";
  } else if (error == boost::system::errc::address_not_available ||
             error == asio::error::host_not_found) {
    remedy = "this machine has no such address: use one of its own, or :PORT for all of them";
  }
  return absl::UnavailableError(
      absl::StrCat("cannot listen on ", listen, ": ", error.message(), "; ", std::string(remedy)));
}

// Digits only: SimpleAtoi would also take white space and signs.
bool ReadPort(const std::string& text, uint16_t& port) {
  uint32_t number = 0;
  const bool digits =
      !text.empty() && text.size() <= 5 &&
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || !absl::SimpleAtoi(text, &number) || number > UINT16_MAX) return false;
  port = static_cast<uint16_t>(number);
  return true;
}

absl::StatusOr<Address> ReadAddress(const std::string& listen, tcp::acceptor& acceptor) {
  const size_t colon = listen.rfind(':');
  uint16_t port = 0;
  if (colon == std::string::npos || !ReadPort(listen.substr(colon + 1), port)) {
    return NoAddress(listen);
  }
  std::string host = listen.substr(0, colon);
  if (host.empty() || host == "[::]") return Address{tcp::endpoint(tcp::v6(), port), true};
  error_code error;
  if (host.front() == '[' && host.back() == ']') {
    const auto ip = asio::ip::make_address_v6(host.substr(1, host.size() - 2), error);
    if (error) return NoAddress(listen);
    return Address{tcp::endpoint(ip, port)};
  }
  if (host.find_first_of(":[] ") != std::string::npos) return NoAddress(listen);
  const auto ip = asio::ip::make_address_v4(host, error);
  if (!error) return Address{tcp::endpoint(ip, port)};
  tcp::resolver resolver(acceptor.get_executor());
  const auto found = resolver.resolve(host, "", tcp::resolver::passive, error);
  if (error || found.empty()) return CannotListen(listen, asio::error::host_not_found);
  // "localhost" and names of containers mean IPv4 to most people, whatever the resolver's order.
  auto chosen = std::find_if(found.begin(), found.end(),
                             [](const auto& entry) { return entry.endpoint().address().is_v4(); });
  if (chosen == found.end()) chosen = found.begin();
  return Address{tcp::endpoint(chosen->endpoint().address(), port)};
}

error_code Bind(const Address& address, tcp::acceptor& acceptor) {
  error_code error;
  acceptor.close(error);
  acceptor.open(address.endpoint.protocol(), error);
  if (error) return error;
  acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (error) return error;
  if (address.endpoint.protocol() == tcp::v6()) {
    acceptor.set_option(asio::ip::v6_only(!address.both_families), error);
    if (error) return error;
  }
  acceptor.bind(address.endpoint, error);
  if (error) return error;
  acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

}  // namespace

absl::Status Listen(const std::string& listen, tcp::acceptor& acceptor) {
  CONNECTOR_ASSIGN_OR_RETURN(Address address, ReadAddress(listen, acceptor));
  error_code error = Bind(address, acceptor);
  const bool no_ipv6 = error == asio::error::address_family_not_supported ||
                       error == boost::system::errc::address_not_available;
  if (no_ipv6 && address.both_families) {
    address.endpoint = tcp::endpoint(tcp::v4(), address.endpoint.port());
    error = Bind(address, acceptor);
  }
  if (!error) return absl::OkStatus();
  error_code ignored;
  acceptor.close(ignored);
  return CannotListen(listen, error);
}

}  // namespace connector::edge
