#pragma once

// A real HTTP/1.1 server on a loopback port of the system's choice that answers as a test tells it,
// also wrongly: broken off, reset, never. One thread for each connection.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace connector::testing {

class HttpImposter {
 public:
  struct Request {
    std::string method;
    std::string target;
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
    int connection = 0;  // from 1, in the order of accepting
  };

  // What is written, byte by byte, and what happens to the connection then.
  struct Reply {
    enum class Then { kKeep, kClose, kReset, kHang };
    std::string bytes;
    Then then = Then::kKeep;
  };

  // A whole answer with its length.
  static Reply Answer(int status, std::string_view body,
                      std::string_view headers = "Content-Type: application/json\r\n") {
    return {"HTTP/1.1 " + std::to_string(status) + " Text\r\n" + std::string(headers) +
            "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body)};
  }

  using Handler = std::function<Reply(const Request&)>;

  explicit HttpImposter(Handler handler) : handler_(std::move(handler)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
    listen(listener_, 128);
    socklen_t size = sizeof(address);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::jthread([this] { AcceptAll(); });
  }

  ~HttpImposter() {
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    close(listener_);
    {
      const std::lock_guard lock(mutex_);
      for (const int connection : open_) shutdown(connection, SHUT_RDWR);
    }
    threads_.clear();
  }

  HttpImposter(const HttpImposter&) = delete;
  HttpImposter& operator=(const HttpImposter&) = delete;

  int port() const { return port_; }
  std::string Url(std::string_view path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }
  std::vector<Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  int connections() const {
    const std::lock_guard lock(mutex_);
    return connections_;
  }

 private:
  void AcceptAll() {
    while (true) {
      const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) return;
      const std::lock_guard lock(mutex_);
      const int number = ++connections_;
      open_.push_back(connection);
      threads_.emplace_back([this, connection, number] { Serve(connection, number); });
    }
  }

  void Serve(int connection, int number) {
    std::string buffer;
    Request request;
    request.connection = number;
    while (ReadRequest(connection, buffer, request)) {
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      const Reply reply = handler_(request);
      if (!Write(connection, reply.bytes)) break;
      if (reply.then == Reply::Then::kHang) {
        char byte = 0;
        while (recv(connection, &byte, 1, 0) > 0) {
        }
      }
      if (reply.then == Reply::Then::kReset) {
        const linger now{1, 0};
        setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
      }
      if (reply.then != Reply::Then::kKeep) break;
    }
    const std::lock_guard lock(mutex_);
    std::erase(open_, connection);
    close(connection);
  }

  static bool Write(int connection, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  static bool ReadMore(int connection, std::string& buffer) {
    char chunk[16384];
    const ssize_t got = recv(connection, chunk, sizeof(chunk), 0);
    if (got <= 0) return false;
    buffer.append(chunk, static_cast<size_t>(got));
    return true;
  }

  static bool ReadRequest(int connection, std::string& buffer, Request& request) {
    size_t end = 0;
    while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
      if (!ReadMore(connection, buffer)) return false;
    }
    ParseHead(buffer.substr(0, end), request);
    buffer.erase(0, end + 4);
    const auto length = request.headers.find("content-length");
    const size_t wanted = length == request.headers.end() ? 0 : std::stoul(length->second);
    while (buffer.size() < wanted) {
      if (!ReadMore(connection, buffer)) return false;
    }
    request.body = buffer.substr(0, wanted);
    buffer.erase(0, wanted);
    return true;
  }

  static void ParseHead(std::string_view head, Request& request) {
    const std::string_view first = head.substr(0, head.find("\r\n"));
    const size_t space = first.find(' ');
    request.method = first.substr(0, space);
    request.target = first.substr(space + 1, first.rfind(' ') - space - 1);
    request.headers.clear();
    while (true) {
      const size_t line_end = head.find("\r\n");
      if (line_end == std::string_view::npos) return;
      head.remove_prefix(line_end + 2);
      const std::string_view line = head.substr(0, head.find("\r\n"));
      const size_t colon = line.find(": ");
      if (colon == std::string_view::npos) continue;
      std::string name(line.substr(0, colon));
      std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
      request.headers[name] = line.substr(colon + 2);
    }
  }

  const Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;  // guards what follows
  std::vector<Request> requests_;
  std::vector<int> open_;
  int connections_ = 0;
  std::vector<std::jthread> threads_;  // only the acceptor adds
  std::jthread acceptor_;
};

}  // namespace connector::testing
