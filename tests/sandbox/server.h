// An HTTP/1.1 listener on Boost.Beast: keep-alive, asynchronous, on the io_context of the caller.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <string>

#include "clock.h"
#include "http_message.h"

namespace sandbox {

class Server {
 public:
  using Handle = std::function<Reply(Request)>;
  using Connections = std::function<void(int)>;  // told +1 and -1

  // Throws boost::system::system_error if `listen` ("host:port") can't be bound.
  Server(boost::asio::io_context& io, const std::string& listen, const Clock& clock, Handle handle,
         Connections connections);

  std::string Url() const;
  void Accept();

 private:
  boost::asio::io_context& io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  const Clock& clock_;
  Handle handle_;
  Connections connections_;
};

}  // namespace sandbox
