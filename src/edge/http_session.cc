#include "edge/http_session.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/strings.h"

namespace connector::edge {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

std::chrono::microseconds Chosen(bool first, const HttpServer::Options& options) {
  return first ? options.read_timeout : options.idle_timeout;
}

HttpRequest ToRequest(http::request<http::string_body>& message) {
  HttpRequest request;
  request.method = std::string(message.method_string());
  const std::string target(message.target());
  const size_t question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string::npos) request.query = target.substr(question + 1);
  for (const auto& field : message) {
    request.headers.emplace_back(
        AsciiLower({field.name_string().data(), field.name_string().size()}),
        std::string(field.value()));
  }
  request.body = std::move(message.body());
  return request;
}

}  // namespace

HttpSession::HttpSession(asio::ip::tcp::socket socket, const HttpServer::Options& options,
                         const Handler& handler, std::shared_ptr<SessionGroup> group)
    : stream_(std::move(socket)), options_(options), handler_(handler), group_(std::move(group)) {}

HttpSession::~HttpSession() { --group_->open; }

void HttpSession::Start() {
  asio::dispatch(stream_.get_executor(), [self = shared_from_this()] { self->Read(); });
}

void HttpSession::CloseIfIdle() {
  asio::post(stream_.get_executor(), [self = shared_from_this()] {
    if (!self->answering_) self->Close();
  });
}

void HttpSession::Read() {
  parser_.emplace();
  parser_->body_limit(options_.max_body_bytes);
  parser_->header_limit(static_cast<uint32_t>(options_.max_header_bytes));
  stream_.expires_after(Chosen(first_, options_));
  first_ = false;
  http::async_read(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](beast::error_code error, size_t) { self->OnRead(error); });
}

void HttpSession::OnRead(beast::error_code error) {
  if (error) return OnBadRequest(error);
  auto message = parser_->release();
  head_ = message.method() == http::verb::head;
  const bool keep_alive = message.keep_alive() && !group_->stopping;
  answering_ = true;
  stream_.expires_never();
  handler_(ToRequest(message),
           [self = shared_from_this(), keep_alive](HttpResponse response) mutable {
             asio::post(self->stream_.get_executor(),
                        [self, keep_alive, answer = std::move(response)]() mutable {
                          self->Answer(std::move(answer), keep_alive);
                        });
           });
}

// What is wrong with a request is told where anybody may still be listening.
void HttpSession::OnBadRequest(beast::error_code error) {
  HttpResponse response;
  if (error == http::error::body_limit) {
    response.status = 413;
    response.body = "request body too large\n";
  } else if (error == http::error::header_limit) {
    response.status = 431;
    response.body = "request header too large\n";
  } else if (error.category() == http::make_error_code(http::error::bad_method).category() &&
             error != http::error::end_of_stream && error != http::error::partial_message) {
    response.status = 400;
    response.body = "not an HTTP request\n";
  } else {
    return Close();
  }
  head_ = false;
  Answer(std::move(response), /*keep_alive=*/false);
}

void HttpSession::Answer(HttpResponse response, bool keep_alive) {
  message_.emplace();
  message_->result(static_cast<unsigned>(response.status));
  message_->set(http::field::content_type, response.content_type);
  for (const auto& [name, value] : response.headers) message_->set(name, value);
  message_->keep_alive(keep_alive);
  message_->body() = std::move(response.body);
  message_->prepare_payload();
  if (head_) message_->body().clear();
  stream_.expires_after(Chosen(true, options_));
  http::async_write(
      stream_, *message_,
      [self = shared_from_this()](beast::error_code error, size_t) { self->OnWritten(error); });
}

void HttpSession::OnWritten(beast::error_code error) {
  answering_ = false;
  if (error || !message_->keep_alive() || group_->stopping) return Close();
  Read();
}

void HttpSession::Close() {
  beast::error_code ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  stream_.close();
}

}  // namespace connector::edge
