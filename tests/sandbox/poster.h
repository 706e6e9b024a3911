// Sends webhooks: HTTP/1.1 POSTs over a few kept-alive connections, 10 s for an answer.
#pragma once

#include <boost/asio/io_context.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sandbox {

struct PostJob {
  std::string host, port, target, body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::function<void(int status)> done;  // 0: no answer
};

class Poster {
 public:
  explicit Poster(boost::asio::io_context& io) : io_(io) {}

  // May be called from any thread; `done` is called on the io_context.
  void Post(const std::string& url, const std::string& body,
            const std::vector<std::pair<std::string, std::string>>& headers,
            std::function<void(int)> done);

 private:
  class Worker;
  void Start(PostJob job);
  bool Next(PostJob& job);

  boost::asio::io_context& io_;
  std::deque<PostJob> queue_;
  int active_ = 0;
};

}  // namespace sandbox
