#include "edge/http_session.h"

#include <array>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "edge/http_answers.h"

namespace connector::edge {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using beast::error_code;
using WireRequest = http::request<http::string_body>;
using WireResponse = http::response<http::string_body>;

// How long a closing connection is read from, see Linger().
constexpr auto kLinger = std::chrono::seconds(2);

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::string RemoteAddress(const tcp::socket& socket) {
  error_code error;
  const asio::ip::address address = socket.remote_endpoint(error).address();
  if (error) return "";
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

// Takes the body out of `message`.
HttpRequest ToRequest(WireRequest& message, std::string remote_address) {
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
  request.remote_address = std::move(remote_address);
  return request;
}

// What of a request shapes its answer.
struct AnswerForm {
  unsigned version = 11;  // 10 or 11
  bool head = false;
  bool keep_alive = false;
};

WireResponse ToWire(HttpResponse response, const AnswerForm& form) {
  if (!CanBeSent(response)) response = PlainAnswer(500, "internal error\n");
  WireResponse message;
  message.version(form.version);
  message.result(static_cast<unsigned>(response.status));
  for (const auto& [name, value] : response.headers) message.insert(name, value);
  const bool bodiless = response.status == 204 || response.status == 304;
  if (!bodiless) {
    message.set(http::field::content_type, response.content_type);
    message.body() = std::move(response.body);
  }
  message.keep_alive(form.keep_alive);
  message.prepare_payload();
  if (bodiless) message.erase(http::field::content_length);
  if (form.head) message.body().clear();  // Content-Length stays what GET would say
  return message;
}

// Tells why a request could not be read.
HttpResponse AnswerToUnreadable(const error_code& error) {
  if (error == http::error::body_limit) return PlainAnswer(413, "request body too large\n");
  if (error == http::error::header_limit) return PlainAnswer(431, "request header too large\n");
  return PlainAnswer(400, "not a request of HTTP/1.1\n");
}

// Reads a request, has it answered, writes the answer, and again. Everything but Start() and
// Finish() runs on the strand of its socket. Kept alive by the SessionSet and by the operations
// under way.
class BeastSession : public HttpSession, public std::enable_shared_from_this<BeastSession> {
 public:
  BeastSession(tcp::socket socket, const std::shared_ptr<ServerState>& state)
      : state_(*state),
        weak_state_(state),
        remote_address_(RemoteAddress(socket)),
        stream_(std::move(socket)),
        answer_timer_(stream_.get_executor()) {}

  const std::string& remote_address() const override { return remote_address_; }
  void Start() override;
  void Finish() override;
  void GiveWay() override;
  void Abort() override { Close(); }

  // The answer to request number `request`; any thread, but the server's state must be held.
  void PostAnswer(size_t request, HttpResponse response);

 private:
  using Parser = http::request_parser<http::string_body>;
  using PathRule = HttpServer::Options::PathRule;

  template <void (BeastSession::*next)(error_code)>
  auto Then() {
    return [self = shared_from_this()](error_code error, size_t) { (self.get()->*next)(error); };
  }

  void AwaitRequest();
  void OnFirstBytes(error_code error, size_t bytes);
  void ReadHeader();
  void OnHeader(error_code error);
  const PathRule* FindRule(const WireRequest& message) const;
  void ReadBody(error_code error);
  void OnRequest(error_code error);
  void OnUnreadable(error_code error);
  void CallHandler(WireRequest message);
  void AwaitAnswer();
  void Answer(HttpResponse response);
  void OnWritten(error_code error);
  void Linger();
  void OnLingered(error_code error);
  void Close();

  ServerState& state_;
  const std::weak_ptr<ServerState> weak_state_;
  const std::string remote_address_;
  beast::tcp_stream stream_;
  asio::steady_timer answer_timer_;
  beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::optional<WireResponse> response_;
  AnswerForm form_;
  const PathRule* rule_ = nullptr;  // of the path of the request under way; null: none
  size_t request_ = 0;      // number of the request under way, so that late answers are told apart
  bool awaited_ = false;    // the handler has it
  bool answering_ = false;  // the handler has it, or its answer is being written
  bool closed_ = false;
  std::array<char, 1024> discarded_;
};

// What the copies of a Responder share.
class PendingAnswer {
 public:
  PendingAnswer(std::weak_ptr<ServerState> state, std::weak_ptr<BeastSession> session,
                size_t request)
      : state_(std::move(state)), session_(std::move(session)), request_(request) {}
  PendingAnswer(const PendingAnswer&) = delete;
  PendingAnswer& operator=(const PendingAnswer&) = delete;
  ~PendingAnswer() { Deliver(PlainAnswer(500, "internal error\n")); }

  void Deliver(HttpResponse response) {
    if (delivered_.exchange(true)) return;
    // In this order, so that the session goes before the io_context that its socket needs.
    const std::shared_ptr<ServerState> state = state_.lock();
    if (!state) return;
    if (const auto session = session_.lock()) session->PostAnswer(request_, std::move(response));
  }

 private:
  const std::weak_ptr<ServerState> state_;
  const std::weak_ptr<BeastSession> session_;
  const size_t request_;
  std::atomic<bool> delivered_{false};
};

void BeastSession::Start() {
  asio::dispatch(stream_.get_executor(), [self = shared_from_this()] { self->ReadHeader(); });
}

void BeastSession::Finish() {
  asio::post(stream_.get_executor(), [self = shared_from_this()] {
    if (!self->answering_) self->Close();
  });
}

void BeastSession::GiveWay() {
  asio::post(stream_.get_executor(), [self = shared_from_this()] {
    if (!self->awaited_) self->Close();
  });
}

// The time between requests is not the time a request may take to arrive.
void BeastSession::AwaitRequest() {
  if (buffer_.size() > 0) return ReadHeader();
  stream_.expires_after(state_.options.idle_timeout);
  stream_.async_read_some(buffer_.prepare(discarded_.size()),
                          [self = shared_from_this()](error_code error, size_t bytes) {
                            self->OnFirstBytes(error, bytes);
                          });
}

void BeastSession::OnFirstBytes(error_code error, size_t bytes) {
  if (error) return Close();
  buffer_.commit(bytes);
  state_.sessions.OnWaiting(this);
  ReadHeader();
}

void BeastSession::ReadHeader() {
  parser_.emplace();
  rule_ = nullptr;
  size_t most = state_.options.max_body_bytes;
  for (const PathRule& rule : state_.options.path_rules) {
    most = std::max(most, rule.max_body_bytes);
  }
  parser_->body_limit(most);  // the path is not known yet
  parser_->header_limit(static_cast<uint32_t>(state_.options.max_header_bytes));
  stream_.expires_after(state_.options.header_timeout);
  http::async_read_header(stream_, buffer_, *parser_, Then<&BeastSession::OnHeader>());
}

void BeastSession::OnHeader(error_code error) {
  if (error) return OnUnreadable(error);
  stream_.expires_after(state_.options.body_timeout);
  const WireRequest& message = parser_->get();
  if (message.version() == 11 && message.count(http::field::host) != 1) {
    return OnUnreadable(http::error::bad_field);  // RFC 9112, 3.2
  }
  rule_ = FindRule(message);
  const size_t most = rule_ != nullptr ? rule_->max_body_bytes : state_.options.max_body_bytes;
  if (parser_->content_length().value_or(0) > most) return OnUnreadable(http::error::body_limit);
  parser_->body_limit(most);
  if (message.version() == 11 && beast::iequals(message[http::field::expect], "100-continue")) {
    asio::async_write(stream_, asio::buffer(kContinue), Then<&BeastSession::ReadBody>());
    return;
  }
  ReadBody(error);
}

const BeastSession::PathRule* BeastSession::FindRule(const WireRequest& message) const {
  const beast::string_view target = message.target();
  const std::string_view path(target.data(), std::min(target.find('?'), target.size()));
  for (const PathRule& rule : state_.options.path_rules) {
    if (rule.path == path) return &rule;
  }
  return nullptr;
}

void BeastSession::ReadBody(error_code error) {
  if (error) return Close();
  http::async_read(stream_, buffer_, *parser_, Then<&BeastSession::OnRequest>());
}

void BeastSession::OnRequest(error_code error) {
  if (error) return OnUnreadable(error);
  CallHandler(parser_->release());
}

// What is wrong with a request is told where anybody may still be listening.
void BeastSession::OnUnreadable(error_code error) {
  const bool of_http = error.category() == error_code(http::error::bad_method).category();
  if (!of_http || error == http::error::end_of_stream) return Close();
  form_ = AnswerForm{};
  HttpResponse answer = AnswerToUnreadable(error);
  if (state_.options.on_unreadable) state_.options.on_unreadable(answer.status);
  Answer(std::move(answer));
}

void BeastSession::CallHandler(WireRequest message) {
  if (closed_) return;
  form_ = {.version = message.version(),
           .head = message.method() == http::verb::head,
           .keep_alive = message.keep_alive()};
  AwaitAnswer();
  const auto pending = std::make_shared<PendingAnswer>(weak_state_, weak_from_this(), request_);
  try {
    state_.handler(ToRequest(message, remote_address_),
                   [pending](HttpResponse response) { pending->Deliver(std::move(response)); });
  } catch (...) {
    pending->Deliver(PlainAnswer(500, "internal error\n"));
  }
}

void BeastSession::AwaitAnswer() {
  ++request_;
  awaited_ = answering_ = true;
  state_.sessions.OnAwaited(this);
  stream_.expires_never();
  answer_timer_.expires_after(state_.options.answer_timeout);
  answer_timer_.async_wait([self = shared_from_this(), request = request_](error_code error) {
    if (error || !self->awaited_ || request != self->request_) return;
    self->form_.keep_alive = false;
    self->Answer(PlainAnswer(503, "not answered in time; try again\n"));
  });
}

void BeastSession::PostAnswer(size_t request, HttpResponse response) {
  asio::post(stream_.get_executor(),
             [self = shared_from_this(), request, answer = std::move(response)]() mutable {
               if (self->awaited_ && request == self->request_) self->Answer(std::move(answer));
             });
}

void BeastSession::Answer(HttpResponse response) {
  awaited_ = false;
  answering_ = true;
  state_.sessions.OnWaiting(this);
  answer_timer_.cancel();
  if (state_.stopping) form_.keep_alive = false;
  if (response.status >= 500 && rule_ != nullptr && rule_->instead_of_5xx != 0) {
    response = PlainAnswer(rule_->instead_of_5xx, "not now; send it again\n");
  }
  response_.emplace(ToWire(std::move(response), form_));
  stream_.expires_after(state_.options.write_timeout);
  http::async_write(stream_, *response_, Then<&BeastSession::OnWritten>());
}

void BeastSession::OnWritten(error_code error) {
  answering_ = false;
  response_.reset();
  if (error) return Close();
  if (!form_.keep_alive) return Linger();
  if (state_.stopping) return Close();
  state_.sessions.OnWaiting(this);
  AwaitRequest();
}

// Closing a socket that holds unread bytes resets the connection, and the peer may lose the answer
// it was just sent (RFC 9112, 9.6): so the rest is read and dropped, for a while.
void BeastSession::Linger() {
  error_code ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  if (state_.stopping) return Close();
  stream_.expires_after(kLinger);
  OnLingered(error_code());
}

void BeastSession::OnLingered(error_code error) {
  if (error) return Close();
  stream_.async_read_some(asio::buffer(discarded_), Then<&BeastSession::OnLingered>());
}

void BeastSession::Close() {
  closed_ = true;
  answer_timer_.cancel();
  stream_.close();
  state_.sessions.Remove(this);
}

}  // namespace

std::shared_ptr<HttpSession> MakeHttpSession(tcp::socket socket,
                                             const std::shared_ptr<ServerState>& state) {
  return std::make_shared<BeastSession>(std::move(socket), state);
}

}  // namespace connector::edge
