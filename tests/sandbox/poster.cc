#include "poster.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>

#include "text.h"

namespace sandbox {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr int kMaxConnections = 8;
constexpr std::chrono::seconds kTimeout{10};  // facts/pipedrive.md section 5

// "http://user:pass@host:port/path": credentials become a header, as curl and the vendors do it.
bool Parse(const std::string& url, PostJob& job) {
  if (url.rfind("http://", 0) != 0) return false;  // no TLS in here
  const size_t slash = url.find('/', 7);
  std::string authority = url.substr(7, slash == std::string::npos ? slash : slash - 7);
  job.target = slash == std::string::npos ? "/" : url.substr(slash);
  if (const size_t at = authority.rfind('@'); at != std::string::npos) {
    job.headers.emplace_back(
        "authorization", "Basic " + Base64Encode(PercentDecode(authority.substr(0, at), false)));
    authority.erase(0, at + 1);
  }
  const size_t colon = authority.rfind(':');
  job.host = authority.substr(0, colon);
  job.port = colon == std::string::npos ? "80" : authority.substr(colon + 1);
  return !job.host.empty();
}

}  // namespace

// One connection, working off the queue.
class Poster::Worker : public std::enable_shared_from_this<Worker> {
 public:
  explicit Worker(Poster& poster) : poster_(poster), resolver_(poster.io_), stream_(poster.io_) {}

  void Run(PostJob job) {
    job_ = std::move(job);
    const std::string peer = job_.host + ":" + job_.port;
    reused_ = peer == peer_;
    if (reused_) return Write();
    Close();
    Connect();
  }

 private:
  void Connect() {
    peer_ = job_.host + ":" + job_.port;
    reused_ = false;
    resolver_.async_resolve(
        job_.host, job_.port,
        [self = shared_from_this()](error_code error, const tcp::resolver::results_type& found) {
          if (error) return self->Finish(0);
          self->stream_.expires_after(kTimeout);
          self->stream_.async_connect(found, [self](error_code failed, const tcp::endpoint&) {
            failed ? self->Finish(0) : self->Write();
          });
        });
  }

  void Write() {
    request_ = {http::verb::post, job_.target, 11};
    request_.set(http::field::host, job_.host + ":" + job_.port);
    request_.set(http::field::content_type, "application/json");
    for (const auto& [name, value] : job_.headers) request_.set(name, value);
    request_.body() = job_.body;
    request_.prepare_payload();
    stream_.expires_after(kTimeout);
    http::async_write(stream_, request_, [self = shared_from_this()](error_code error, size_t) {
      if (error) return self->Failed();
      self->response_ = {};
      http::async_read(self->stream_, self->buffer_, self->response_,
                       [self](error_code failed, size_t) {
                         if (failed) return self->Failed();
                         if (!self->response_.keep_alive()) self->Close();
                         self->Finish(static_cast<int>(self->response_.result_int()));
                       });
    });
  }

  // A kept connection may have been closed by the other side meanwhile: once more on a new one.
  void Failed() {
    const bool again = reused_;
    Close();
    if (again) return Connect();
    Finish(0);
  }

  void Close() {
    error_code ignored;
    stream_.socket().close(ignored);
    buffer_.clear();
    peer_.clear();
  }

  void Finish(int status) {
    if (status == 0) Close();
    auto done = std::move(job_.done);
    done(status);
    PostJob next;
    if (poster_.Next(next)) Run(std::move(next));
  }

  Poster& poster_;
  tcp::resolver resolver_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  PostJob job_;
  std::string peer_;
  bool reused_ = false;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

void Poster::Post(const std::string& url, const std::string& body,
                  const std::vector<std::pair<std::string, std::string>>& headers,
                  std::function<void(int)> done) {
  PostJob job;
  job.headers = headers;
  job.body = body;
  job.done = std::move(done);
  const bool good = Parse(url, job);
  asio::post(
      io_, [this, good, j = std::move(job)]() mutable { good ? Start(std::move(j)) : j.done(0); });
}

void Poster::Start(PostJob job) {
  if (active_ >= kMaxConnections) {
    queue_.push_back(std::move(job));
    return;
  }
  ++active_;
  std::make_shared<Worker>(*this)->Run(std::move(job));
}

bool Poster::Next(PostJob& job) {
  if (queue_.empty()) {
    --active_;
    return false;
  }
  job = std::move(queue_.front());
  queue_.pop_front();
  return true;
}

}  // namespace sandbox
