#include "edge/http_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <mutex>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "edge/http_session.h"

namespace connector::edge {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

struct Address {
  tcp::endpoint endpoint;
  bool both_families = false;
};

absl::StatusOr<Address> ParseAddress(const std::string& listen) {
  const auto bad = [&listen] {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", listen, "' is no address to listen on; use HOST:PORT, [IPV6]:PORT or :PORT"));
  };
  const size_t colon = listen.rfind(':');
  int port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(listen.substr(colon + 1), &port) ||
      port < 0 || port > 65535) {
    return bad();
  }
  std::string host = listen.substr(0, colon);
  const auto number = static_cast<unsigned short>(port);
  if (host.empty()) return Address{tcp::endpoint(tcp::v6(), number), true};
  if (host == "localhost") host = "127.0.0.1";
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto ip = asio::ip::make_address(host, error);
  if (error) return bad();
  return Address{tcp::endpoint(ip, number), false};
}

class AsioServer : public HttpServer {
 public:
  AsioServer(Options options, Handler handler)
      : options_(std::move(options)), handler_(std::move(handler)), acceptor_(io_) {}

  ~AsioServer() override { Stop(Duration::zero()); }

  absl::Status Start() {
    CONNECTOR_ASSIGN_OR_RETURN(Address address, ParseAddress(options_.listen));
    boost::system::error_code error = Bind(address);
    if (error && address.both_families) {
      // A machine without IPv6.
      address.endpoint = tcp::endpoint(tcp::v4(), address.endpoint.port());
      error = Bind(address);
    }
    if (error) {
      return absl::UnavailableError(absl::StrCat("cannot listen on ", options_.listen, ": ",
                                                 error.message(),
                                                 "; choose another address or port"));
    }
    port_ = acceptor_.local_endpoint().port();
    Accept();
    for (int i = 0; i < options_.threads; ++i) {
      threads_.emplace_back([this] { io_.run(); });
    }
    return absl::OkStatus();
  }

  int port() const override { return port_; }

  void Stop(Duration deadline) override {
    if (threads_.empty()) return;
    group_->stopping = true;
    asio::post(io_, [this, deadline] {
      acceptor_.close();
      CloseIdle();
      drain_.expires_after(deadline);
      drain_.async_wait([this](const boost::system::error_code&) { io_.stop(); });
      WatchDrain();
    });
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  boost::system::error_code Bind(const Address& address) {
    boost::system::error_code error;
    if (acceptor_.is_open()) acceptor_.close(error);
    acceptor_.open(address.endpoint.protocol(), error);
    if (error) return error;
    acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (address.endpoint.protocol() == tcp::v6()) {
      acceptor_.set_option(asio::ip::v6_only(!address.both_families), error);
    }
    acceptor_.bind(address.endpoint, error);
    if (error) return error;
    acceptor_.listen(asio::socket_base::max_listen_connections, error);
    return error;
  }

  void Accept() {
    acceptor_.async_accept(asio::make_strand(io_),
                           [this](boost::system::error_code error, tcp::socket socket) {
                             if (!acceptor_.is_open()) return;
                             if (!error) Admit(std::move(socket));
                             Accept();
                           });
  }

  // Over the limit the connection is dropped at once: whoever holds the others must not be helped
  // by memory for more.
  void Admit(tcp::socket socket) {
    if (group_->open >= options_.max_connections) return;
    ++group_->open;
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const auto session =
        std::make_shared<HttpSession>(std::move(socket), options_, handler_, group_);
    const std::lock_guard lock(mutex_);
    std::erase_if(sessions_, [](const auto& weak) { return weak.expired(); });
    sessions_.push_back(session);
    session->Start();
  }

  void CloseIdle() {
    const std::lock_guard lock(mutex_);
    for (const auto& weak : sessions_) {
      if (const auto session = weak.lock()) session->CloseIfIdle();
    }
  }

  void WatchDrain() {
    if (group_->open == 0) return io_.stop();
    poll_.expires_after(std::chrono::milliseconds(10));
    poll_.async_wait([this](const boost::system::error_code&) { WatchDrain(); });
  }

  const Options options_;
  const Handler handler_;
  const std::shared_ptr<SessionGroup> group_ = std::make_shared<SessionGroup>();
  asio::io_context io_;
  tcp::acceptor acceptor_;
  asio::steady_timer drain_{io_};
  asio::steady_timer poll_{io_};
  std::mutex mutex_;  // guards sessions_
  std::list<std::weak_ptr<HttpSession>> sessions_;
  int port_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace

std::string_view HttpRequest::HeaderValue(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

absl::StatusOr<std::unique_ptr<HttpServer>> MakeHttpServer(HttpServer::Options options,
                                                           Handler handler) {
  auto server = std::make_unique<AsioServer>(std::move(options), std::move(handler));
  CONNECTOR_RETURN_IF_ERROR(server->Start());
  return server;
}

}  // namespace connector::edge
