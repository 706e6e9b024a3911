#include "server.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <sstream>

#include "text.h"

namespace sandbox {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

// Above the largest body either API takes, so that refusing it is the API's own business.
constexpr uint64_t kMaxBody = 64 << 20;

tcp::endpoint ParseEndpoint(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  const auto port = static_cast<uint16_t>(std::stoi(listen.substr(colon + 1)));
  return {asio::ip::make_address(listen.substr(0, colon)), port};
}

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const Clock& clock, const Server::Handle& handle,
          const Server::Connections& connections)
      : stream_(std::move(socket)),
        timer_(stream_.get_executor()),
        clock_(clock),
        handle_(handle),
        connections_(connections) {
    connections_(+1);
  }
  ~Session() { connections_(-1); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void Read() {
    parser_.emplace();
    parser_->body_limit(kMaxBody);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](error_code error, size_t) {
                       if (!error) self->Serve();
                     });
  }

 private:
  void Serve() {
    auto message = parser_->release();
    Request request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    for (const auto& field : message) {
      request.headers[Lower(std::string(field.name_string()))] = std::string(field.value());
    }
    request.body = std::move(message.body());
    keep_alive_ = message.keep_alive();
    Reply reply = handle_(std::move(request));
    const auto wait = clock_.ToReal(reply.delay);
    if (wait.count() <= 0) return Write(std::move(reply));
    timer_.expires_after(wait);
    timer_.async_wait([self = shared_from_this(), r = std::move(reply)](error_code) mutable {
      self->Write(std::move(r));
    });
  }

  void Write(Reply reply) {
    if (reply.ending == Ending::kReset) return Reset();
    response_ = {};
    response_.version(11);
    response_.result(static_cast<unsigned>(reply.status));
    for (const auto& [name, value] : reply.headers) response_.set(name, value);
    if (!reply.content_type.empty()) response_.set(http::field::content_type, reply.content_type);
    response_.keep_alive(keep_alive_);
    response_.body() = std::move(reply.body);
    response_.prepare_payload();
    if (reply.ending == Ending::kTruncate) return WriteHalf();
    http::async_write(stream_, response_, [self = shared_from_this()](error_code error, size_t) {
      if (error) return;
      if (self->keep_alive_) return self->Read();
      error_code ignored;
      self->stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    });
  }

  // The announced length, half of the body, and the end of the connection.
  void WriteHalf() {
    const size_t missing = response_.body().size() - response_.body().size() / 2;
    std::ostringstream text;
    text << response_;
    auto bytes = std::make_shared<std::string>(text.str());
    bytes->resize(bytes->size() - missing);
    asio::async_write(stream_, asio::buffer(*bytes),
                      [self = shared_from_this(), bytes](error_code, size_t) { self->Close(); });
  }

  void Close() {
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.socket().close(ignored);
  }

  // RST instead of FIN: what a client sees when something between breaks.
  void Reset() {
    error_code ignored;
    stream_.socket().set_option(asio::socket_base::linger(true, 0), ignored);
    stream_.socket().close(ignored);
  }

  beast::tcp_stream stream_;
  asio::steady_timer timer_;
  const Clock& clock_;
  const Server::Handle& handle_;
  const Server::Connections& connections_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  bool keep_alive_ = true;
};

}  // namespace

Server::Server(asio::io_context& io, const std::string& listen, const Clock& clock, Handle handle,
               Connections connections)
    : io_(io),
      acceptor_(io, ParseEndpoint(listen)),
      clock_(clock),
      handle_(std::move(handle)),
      connections_(std::move(connections)) {}

std::string Server::Url() const {
  const tcp::endpoint end = acceptor_.local_endpoint();
  return "http://" + end.address().to_string() + ":" + std::to_string(end.port());
}

void Server::Accept() {
  acceptor_.async_accept(io_, [this](error_code error, tcp::socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (!error) {
      socket.set_option(tcp::no_delay(true), error);
      std::make_shared<Session>(std::move(socket), clock_, handle_, connections_)->Read();
    }
    Accept();
  });
}

}  // namespace sandbox
