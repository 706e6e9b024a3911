#include "edge/http_server.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <mutex>
#include <system_error>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "edge/http_session.h"
#include "edge/listen_address.h"

namespace connector::edge {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// Accepting fails when the process is out of file descriptors, and would fail again at once.
constexpr auto kPauseAfterFailedAccept = std::chrono::milliseconds(100);

class AsioServer : public HttpServer {
 public:
  AsioServer(Options options, Handler handler)
      : state_(std::make_shared<ServerState>(std::move(options), std::move(handler))) {}

  ~AsioServer() override { Stop(Duration::zero()); }

  absl::Status Start() {
    CONNECTOR_RETURN_IF_ERROR(Listen(state_->options.listen, acceptor_));
    error_code error;
    port_ = acceptor_.local_endpoint(error).port();
    Accept();
    try {
      for (int i = 0; i < std::max(1, state_->options.threads); ++i) {
        threads_.emplace_back([this] { Run(); });
      }
    } catch (const std::system_error& failure) {
      return absl::ResourceExhaustedError(
          absl::StrCat("cannot start the threads of the listener on ", state_->options.listen, ": ",
                       failure.what(), "; allow the process more threads"));
    }
    return absl::OkStatus();
  }

  int port() const override { return port_; }

  void Stop(Duration deadline) override {
    const std::lock_guard lock(stop_mutex_);
    if (threads_.empty()) return;
    state_->stopping = true;
    asio::post(strand_, [this] {
      error_code ignored;
      acceptor_.close(ignored);
      pause_.cancel();
      state_->sessions.Finish();
    });
    state_->sessions.WaitForNone(deadline);
    state_->io.stop();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    state_->sessions.Abort();
  }

 private:
  // An exception can only be one of memory: it costs the connection it hit, not the server.
  void Run() {
    while (!state_->io.stopped()) {
      try {
        state_->io.run();
      } catch (const std::exception&) {
        continue;
      }
    }
  }

  void Accept() {
    acceptor_.async_accept(asio::make_strand(state_->io),
                           [this](const error_code& error, tcp::socket socket) {
                             if (state_->stopping) return;
                             if (error) return AcceptLater();
                             Admit(std::move(socket));
                             Accept();
                           });
  }

  void AcceptLater() {
    pause_.expires_after(kPauseAfterFailedAccept);
    pause_.async_wait([this](const error_code&) {
      if (!state_->stopping) Accept();
    });
  }

  // Where no room can be made the connection is dropped at once: whoever holds the others must not
  // be helped by memory for more.
  void Admit(tcp::socket socket) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const std::shared_ptr<HttpSession> session = MakeHttpSession(std::move(socket), state_);
    if (HasEnough(session->remote_address())) return;
    if (!state_->sessions.MakeRoom(state_->options.max_connections)) return;
    state_->sessions.Add(session);
    session->Start();
  }

  bool HasEnough(const std::string& peer) const {
    const Options& options = state_->options;
    if (options.max_connections_per_peer == 0) return false;
    if (options.is_shared_peer && options.is_shared_peer(peer)) return false;
    return state_->sessions.CountOf(peer) >= options.max_connections_per_peer;
  }

  const std::shared_ptr<ServerState> state_;
  // Whatever touches the acceptor and the pause runs on this strand.
  const asio::strand<asio::io_context::executor_type> strand_ = asio::make_strand(state_->io);
  tcp::acceptor acceptor_{strand_};
  asio::steady_timer pause_{strand_};
  // While an answer is awaited from elsewhere the io_context has nothing to do, and must stay.
  const asio::executor_work_guard<asio::io_context::executor_type> work_ =
      asio::make_work_guard(state_->io);
  int port_ = 0;
  std::mutex stop_mutex_;  // guards threads_
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
