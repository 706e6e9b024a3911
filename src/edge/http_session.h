#pragma once

// One connection of an HttpServer, and what the connections of a server share. Seen by
// http_server.cc alone; an interface only so that Beast is compiled once, in http_session.cc.

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "edge/http_server.h"

namespace connector::edge {

class HttpSession {
 public:
  virtual ~HttpSession() = default;

  // Any thread.
  virtual void Start() = 0;

  // Closes now, or after the answer under way. Any thread.
  virtual void Finish() = 0;

  // Closes at once. Only when no thread runs the io_context.
  virtual void Abort() = 0;
};

// The open sessions; it keeps them alive. Any thread.
class SessionSet {
 public:
  void Add(std::shared_ptr<HttpSession> session);
  void Remove(const HttpSession* session);
  size_t size() const;

  // Finishes every session; none may be added any more.
  void Finish();

  // Waits until Finish() was called and the last session is gone, or for `at_most`.
  void WaitForNone(Duration at_most);

  // Aborts and forgets what is left. Only when no thread runs the io_context.
  void Abort();

 private:
  std::vector<std::shared_ptr<HttpSession>> Copy() const;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable none_left_;
  bool finishing_ = false;
  std::unordered_map<const HttpSession*, std::shared_ptr<HttpSession>> sessions_;
};

// Held by the server, and by a Responder for as long as it delivers an answer.
struct ServerState {
  ServerState(HttpServer::Options given, Handler answers)
      : options(std::move(given)), handler(std::move(answers)) {}

  const HttpServer::Options options;
  const Handler handler;
  std::atomic<bool> stopping{false};
  boost::asio::io_context io;
  SessionSet sessions;  // behind io, whose sockets it holds
};

// A session of `socket` that is not yet in state->sessions; it removes itself from there.
std::shared_ptr<HttpSession> MakeHttpSession(boost::asio::ip::tcp::socket socket,
                                             const std::shared_ptr<ServerState>& state);

}  // namespace connector::edge
