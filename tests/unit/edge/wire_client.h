#pragma once

// A client that sends exactly the bytes a test gives it. Every wait ends after kPatience, as a
// failure of the expectation it was for.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/strings.h"

namespace connector::edge {

constexpr int kPatienceSeconds = 20;

struct WireAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

class WireClient {
 public:
  // To 127.0.0.1, or to ::1.
  explicit WireClient(int port, bool ipv6 = false)
      : fd_(::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{.tv_sec = kPatienceSeconds, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (ipv6) {
      sockaddr_in6 to{};
      to.sin6_family = AF_INET6;
      to.sin6_port = htons(static_cast<uint16_t>(port));
      to.sin6_addr = in6addr_loopback;
      connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    } else {
      sockaddr_in to{};
      to.sin_family = AF_INET;
      to.sin_port = htons(static_cast<uint16_t>(port));
      to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    }
  }
  ~WireClient() { Close(); }
  WireClient(WireClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        connected_(other.connected_),
        received_(std::move(other.received_)) {}
  WireClient(const WireClient&) = delete;
  WireClient& operator=(const WireClient&) = delete;

  bool connected() const { return connected_; }

  bool Send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  // The next answer; nothing if the connection ended before it was whole. 100 is an answer too.
  std::optional<WireAnswer> Read(bool to_head = false) {
    size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!Receive()) return std::nullopt;
    }
    WireAnswer answer = ParseHead(received_.substr(0, end + 2));
    received_.erase(0, end + 4);
    const auto length = answer.headers.find("content-length");
    if (to_head || length == answer.headers.end()) return answer;
    const size_t bytes = std::strtoul(length->second.c_str(), nullptr, 10);
    while (received_.size() < bytes) {
      if (!Receive()) return std::nullopt;
    }
    answer.body = received_.substr(0, bytes);
    received_.erase(0, bytes);
    return answer;
  }

  std::optional<WireAnswer> Get(std::string_view target) {
    if (!Send("GET " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n\r\n"))
      return std::nullopt;
    return Read();
  }

  // Waits for the end of the connection; false if it did not come.
  bool EndsByPeer() {
    while (Receive()) {
    }
    return ended_;
  }

  const std::string& received() const { return received_; }

  void SendNoMore() const { ::shutdown(fd_, SHUT_WR); }

  void Close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  bool Receive() {
    char buffer[4096];
    const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
    if (got > 0) {
      received_.append(buffer, static_cast<size_t>(got));
      return true;
    }
    ended_ = got == 0 || errno == ECONNRESET;
    return false;
  }

  static WireAnswer ParseHead(const std::string& head) {
    WireAnswer answer;
    if (head.size() > 12) answer.status = std::atoi(head.c_str() + 9);
    size_t at = head.find("\r\n") + 2;
    while (at < head.size()) {
      const size_t end = head.find("\r\n", at);
      const std::string line = head.substr(at, end - at);
      const size_t colon = line.find(':');
      answer.headers[AsciiLower(line.substr(0, colon))] = Trim(line.substr(colon + 1));
      at = end + 2;
    }
    return answer;
  }

  int fd_;
  bool connected_ = false;
  bool ended_ = false;
  std::string received_;
};

}  // namespace connector::edge
