#pragma once

// One connection of an HttpServer, and what the connections of a server share. Seen by
// http_server.cc alone; an interface only so that Beast is compiled once, in http_session.cc.

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "edge/http_server.h"

namespace connector::edge {

class HttpSession {
 public:
  virtual ~HttpSession() = default;

  // As in HttpRequest.
  virtual const std::string& remote_address() const = 0;

  // Any thread.
  virtual void Start() = 0;

  // Closes now, or after the answer under way. Any thread.
  virtual void Finish() = 0;

  // Closes now unless an answer is awaited. Any thread.
  virtual void GiveWay() = 0;

  // Closes at once. Only when no thread runs the io_context.
  virtual void Abort() = 0;
};

// The open sessions, those that wait for their peer in the order in which they began to; it keeps
// them alive. Any thread.
class SessionSet {
 public:
  // The session waits for its peer from now on.
  void Add(std::shared_ptr<HttpSession> session);
  // How many sessions the peer has.
  size_t CountOf(const std::string& remote_address) const;
  void Remove(const HttpSession* session);

  // It has answered, or its peer has begun a request: it waits for the peer from now on.
  void OnWaiting(const HttpSession* session);
  // Its request is with the handler: it must not give way.
  void OnAwaited(const HttpSession* session);

  // Makes room for one more among `at_most`, if need be by having those give way that have waited
  // for longest; false if there is no room and none can.
  bool MakeRoom(size_t at_most);

  // Finishes every session; none may be added any more.
  void Finish();

  // Waits until Finish() was called and the last session is gone, or for `at_most`.
  void WaitForNone(Duration at_most);

  // Aborts and forgets what is left. Only when no thread runs the io_context.
  void Abort();

 private:
  using Order = std::list<const HttpSession*>;
  enum class Place {
    kWaiting,    // in waiting_
    kAwaited,    // with the handler
    kGivingWay,  // told to, and counted as gone
  };
  struct Member {
    std::shared_ptr<HttpSession> session;
    Place place = Place::kWaiting;
    Order::iterator at;  // of kWaiting
  };

  std::vector<std::shared_ptr<HttpSession>> Copy() const;
  void Leave(Member& member);

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable none_left_;
  bool finishing_ = false;
  std::unordered_map<const HttpSession*, Member> sessions_;
  std::unordered_map<std::string, size_t> per_peer_;  // of those that have any
  Order waiting_;                                     // longest first
  size_t giving_way_ = 0;
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
