#pragma once

// One connection of an HttpServer. Seen by http_server.cc alone.

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <memory>
#include <optional>

#include "edge/http_server.h"

namespace connector::edge {

// Counts open sessions and tells them that the server stops. Shared by the server and its sessions.
struct SessionGroup {
  std::atomic<size_t> open{0};
  std::atomic<bool> stopping{false};
};

// Lives in the callbacks it waits for; runs on one strand.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(boost::asio::ip::tcp::socket socket, const HttpServer::Options& options,
              const Handler& handler, std::shared_ptr<SessionGroup> group);
  ~HttpSession();

  void Start();
  // Closes the connection if no request is being answered.
  void CloseIfIdle();

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using Message = boost::beast::http::response<boost::beast::http::string_body>;

  void Read();
  void OnRead(boost::beast::error_code error);
  void OnBadRequest(boost::beast::error_code error);
  void Answer(HttpResponse response, bool keep_alive);
  void OnWritten(boost::beast::error_code error);
  void Close();

  boost::beast::tcp_stream stream_;
  const HttpServer::Options& options_;
  const Handler& handler_;
  const std::shared_ptr<SessionGroup> group_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::optional<Message> message_;
  bool head_ = false;
  bool answering_ = false;
  bool first_ = true;
};

}  // namespace connector::edge
