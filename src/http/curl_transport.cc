#include "http/curl_transport.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "http/curl_pool.h"
#include "http/request_check.h"

namespace connector::http {
namespace {

// All headers of an answer together; both vendors send below 4 kB.
constexpr size_t kMostHeaderBytes = size_t{64} << 10;

// A handle keeps one connection to each of so many hosts: the two APIs and the token servers.
constexpr long kHostsPerHandle = 4;

// What the callbacks of one exchange fill.
struct Exchange {
  explicit Exchange(const Request& the_request) : request(the_request) {}

  const Request& request;
  size_t body_sent = 0;
  Response response;
  size_t header_bytes = 0;
  bool too_large = false;
};

size_t ReadBody(char* out, size_t size, size_t count, void* data) {
  auto& exchange = *static_cast<Exchange*>(data);
  const std::string_view left = exchange.request.body.substr(exchange.body_sent);
  const size_t bytes = std::min(left.size(), size * count);
  std::memcpy(out, left.data(), bytes);
  exchange.body_sent += bytes;
  return bytes;
}

size_t WriteBody(char* in, size_t size, size_t count, void* data) {
  auto& exchange = *static_cast<Exchange*>(data);
  const size_t bytes = size * count;
  if (bytes > exchange.request.max_response_bytes - exchange.response.body.size()) {
    exchange.too_large = true;
    return CURL_WRITEFUNC_ERROR;
  }
  exchange.response.body.append(in, bytes);
  return bytes;
}

size_t WriteHeader(char* in, size_t size, size_t count, void* data) {
  auto& exchange = *static_cast<Exchange*>(data);
  const std::string_view line = Trim(std::string_view(in, size * count));
  exchange.header_bytes += size * count;
  if (exchange.header_bytes > kMostHeaderBytes) {
    exchange.too_large = true;
    return 0;
  }
  if (line.starts_with("HTTP/")) {
    exchange.response.headers.clear();  // of an interim answer (1xx)
    return size * count;
  }
  const size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    exchange.response.headers.emplace_back(AsciiLower(Trim(line.substr(0, colon))),
                                           std::string(Trim(line.substr(colon + 1))));
  }
  return size * count;
}

// Sets options one after another and remembers the first failure, so that none goes unnoticed.
class OptionSetter {
 public:
  explicit OptionSetter(CURL* handle) : handle_(handle) {}

  template <typename Value>
  OptionSetter& Set(CURLoption option, Value value) {
    if (code_ == CURLE_OK) code_ = curl_easy_setopt(handle_, option, value);
    return *this;
  }
  CURLcode code() const { return code_; }

 private:
  CURL* const handle_;
  CURLcode code_ = CURLE_OK;
};

long Milliseconds(Duration duration) {
  return std::max<long>(std::chrono::ceil<std::chrono::milliseconds>(duration).count(), 1);
}

void SetConnection(OptionSetter& options, const CurlTransport::Options& settings) {
  options.Set(CURLOPT_NOSIGNAL, 1L)
      .Set(CURLOPT_PROTOCOLS_STR, "http,https")
      .Set(CURLOPT_FOLLOWLOCATION, 0L)
      .Set(CURLOPT_HTTP_VERSION,
           static_cast<long>(settings.http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1))
      .Set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2))
      .Set(CURLOPT_SSL_VERIFYPEER, 1L)
      .Set(CURLOPT_SSL_VERIFYHOST, 2L)
      .Set(CURLOPT_TCP_KEEPALIVE, 1L)
      .Set(CURLOPT_MAXCONNECTS, kHostsPerHandle)
      .Set(CURLOPT_MAXAGE_CONN,
           static_cast<long>(
               std::chrono::ceil<std::chrono::seconds>(settings.connection_max_idle).count()))
      .Set(CURLOPT_CONNECTTIMEOUT_MS, Milliseconds(settings.connect_timeout))
      .Set(CURLOPT_PROXY, settings.proxy.c_str())
      .Set(CURLOPT_NOPROXY, "localhost,127.0.0.1,::1")
      .Set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  if (!settings.ca_file.empty()) options.Set(CURLOPT_CAINFO, settings.ca_file.c_str());
}

bool IsRepeatableByCurl(const Request& request) {
  return request.method == Method::kGet || request.method == Method::kDelete;
}

// A body is sent through ReadBody without a way to rewind, so that curl gives up instead of sending
// it a second time. A POST without a body has nothing to rewind and takes a fresh connection
// instead.
void SetRequest(OptionSetter& options, const Request& request, Exchange& exchange) {
  const bool has_body = !request.body.empty() || !IsRepeatableByCurl(request);
  options.Set(CURLOPT_URL, request.url.c_str());
  if (has_body) {
    options.Set(CURLOPT_POST, 1L)
        .Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()))
        .Set(CURLOPT_READFUNCTION, &ReadBody)
        .Set(CURLOPT_READDATA, &exchange);
    if (request.body.empty()) options.Set(CURLOPT_FRESH_CONNECT, 1L);
  } else {
    options.Set(CURLOPT_HTTPGET, 1L);
  }
  options.Set(CURLOPT_CUSTOMREQUEST, MethodName(request.method).data())
      .Set(CURLOPT_ACCEPT_ENCODING, "")
      .Set(CURLOPT_TIMEOUT_MS, Milliseconds(request.timeout))
      .Set(CURLOPT_WRITEFUNCTION, &WriteBody)
      .Set(CURLOPT_WRITEDATA, &exchange)
      .Set(CURLOPT_HEADERFUNCTION, &WriteHeader)
      .Set(CURLOPT_HEADERDATA, &exchange);
}

bool Append(CurlList& list, const std::string& line) {
  curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) return false;
  static_cast<void>(list.release());
  list.reset(longer);
  return true;
}

// Null if there is no memory. "Expect:" takes out the wait for 100 Continue before a large body.
CurlList MakeHeaders(const Request& request) {
  CurlList list;
  bool ok = Append(list, "Expect:");
  if (!request.body.empty()) {
    ok = ok && Append(list, "Content-Type: " + std::string(request.content_type));
  } else {
    ok = ok && Append(list, "Content-Type:");
  }
  for (const auto& [name, value] : request.headers) {
    // "name;" is how curl sends a header with an empty value.
    const bool appended =
        Append(list, value.empty() ? name + ";" : absl::StrCat(name, ": ", value));
    ok = ok && appended;
  }
  return ok ? std::move(list) : nullptr;
}

bool IsNeverSent(CURLcode code, CURL* handle) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_PROXY:
    case CURLE_OUT_OF_MEMORY:
      return true;
    default:
      break;
  }
  long sent = 0;
  return curl_easy_getinfo(handle, CURLINFO_REQUEST_SIZE, &sent) == CURLE_OK && sent == 0 &&
         code != CURLE_SEND_FAIL_REWIND;
}

absl::Status FailureOf(CURLcode code, CURL* handle, const Exchange& exchange,
                       std::string_view host) {
  const std::string text = absl::StrCat(ToAbsl(MethodName(exchange.request.method)), " to ",
                                        ToAbsl(host), ": ", curl_easy_strerror(code));
  if (exchange.too_large) {
    return WithReaction(
        absl::ResourceExhaustedError(absl::StrCat(
            ToAbsl(MethodName(exchange.request.method)), " to ", ToAbsl(host),
            ": the answer is larger than ", exchange.request.max_response_bytes, " bytes")),
        Reaction::kFailRecord);
  }
  if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
    return absl::InvalidArgumentError(text);
  }
  if (IsNeverSent(code, handle)) {
    return WithReaction(absl::UnavailableError(text), Reaction::kRetry);
  }
  return WithReaction(absl::UnknownError(text), Reaction::kAmbiguous);
}

}  // namespace

absl::StatusOr<std::unique_ptr<CurlTransport>> CurlTransport::Make(Options options) {
  if (!options.ca_file.empty() && access(options.ca_file.c_str(), R_OK) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("the CA file ", options.ca_file, " can't be read"));
  }
  auto pool = std::make_unique<CurlPool>(options.most_idle_handles);
  const curl_version_info_data* const info = curl_version_info(CURLVERSION_NOW);
  if ((info->features & CURL_VERSION_SSL) == 0 || (info->features & CURL_VERSION_THREADSAFE) == 0) {
    return absl::FailedPreconditionError("libcurl was built without TLS or thread safety");
  }
  return std::unique_ptr<CurlTransport>(new CurlTransport(std::move(options), std::move(pool)));
}

CurlTransport::CurlTransport(Options options, std::unique_ptr<CurlPool> pool)
    : options_(std::move(options)),
      user_agent_("pipedrive-connector/" + options_.version),
      pool_(std::move(pool)) {}

CurlTransport::~CurlTransport() = default;

absl::StatusOr<Response> CurlTransport::Send(const Request& request) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::string host, CheckRequest(request));
  CurlEasy handle = pool_->Borrow();
  const CurlList headers = MakeHeaders(request);
  if (handle == nullptr || headers == nullptr) {
    return WithReaction(absl::UnavailableError("libcurl has no memory"), Reaction::kRetry);
  }
  Exchange exchange(request);
  OptionSetter options(handle.get());
  SetConnection(options, options_);
  SetRequest(options, request, exchange);
  options.Set(CURLOPT_USERAGENT, user_agent_.c_str()).Set(CURLOPT_HTTPHEADER, headers.get());
  if (options.code() != CURLE_OK) {
    return absl::InternalError(absl::StrCat("libcurl: ", curl_easy_strerror(options.code())));
  }
  const CURLcode code = curl_easy_perform(handle.get());
  if (code != CURLE_OK) {
    const absl::Status failure = FailureOf(code, handle.get(), exchange, host);
    pool_->Return(std::move(handle));
    return failure;
  }
  long status = 0;
  const CURLcode told = curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  pool_->Return(std::move(handle));
  if (told != CURLE_OK || status == 0) {
    return WithReaction(absl::UnknownError("an answer without a status"), Reaction::kAmbiguous);
  }
  exchange.response.status = static_cast<int>(status);
  return std::move(exchange.response);
}

}  // namespace connector::http
