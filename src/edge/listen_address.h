#pragma once

// From the text of a `listen` setting to a listening socket. Seen by http_server.cc alone.

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "absl/status/status.h"

namespace connector::edge {

// Opens, binds and listens. ":PORT" and "[::]:PORT" take every address of both families, and of
// IPv4 alone on a machine that has no IPv6. A name is resolved, which may block.
// INVALID_ARGUMENT for a text that is no address, UNAVAILABLE for one that cannot be bound; both
// name the address and what to do.
absl::Status Listen(const std::string& listen, boost::asio::ip::tcp::acceptor& acceptor);

}  // namespace connector::edge
