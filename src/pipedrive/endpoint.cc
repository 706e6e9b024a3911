#include "pipedrive/endpoint.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "http/answer.h"
#include "pipedrive/errors.h"

namespace connector::pipedrive {
namespace {

// An unfiltered page of 500 persons weighs 2 MB and more with many custom fields.
constexpr size_t kMaxPageBytes = size_t{16} << 20;

}  // namespace

Endpoint::Endpoint(Options options, http::Caller& caller)
    : options_(std::move(options)), caller_(caller) {}

absl::Status Endpoint::Send(const Exchange& exchange, const http::CallContext& context,
                            const std::function<absl::Status(const http::Response&)>& read) const {
  http::Request request;
  request.method = exchange.method;
  request.url = exchange.url.text();
  request.headers = {{"accept", "application/json"}};
  if (!options_.api_token.empty()) {
    request.headers.emplace_back("x-api-token", options_.api_token.Reveal());
  }
  request.body = exchange.body;
  request.max_response_bytes = kMaxPageBytes;
  const auto classify = [&](const http::Response& response) {
    if (response.status >= 300) {
      return Classify(exchange.operation, http::Redacted(response, options_.api_token));
    }
    CONNECTOR_RETURN_IF_ERROR(Classify(exchange.operation, response));
    return read(response);
  };
  return caller_.Call(exchange.operation, request, context, classify).status();
}

absl::Status Endpoint::Get(const quota::Operation& operation, const http::Url& url,
                           const http::CallContext& context,
                           const std::function<absl::Status(const http::Response&)>& read) const {
  return Send({operation, http::Method::kGet, url, {}}, context, read);
}

absl::StatusOr<std::string> JoinIds(const std::vector<int64_t>& ids) {
  if (ids.size() > kMaxIds) {
    return WithReaction(absl::InvalidArgumentError(absl::StrCat(
                            ids.size(), " ids in one call; Pipedrive takes ", kMaxIds)),
                        Reaction::kFailRecord);
  }
  return absl::StrJoin(ids, ",");
}

}  // namespace connector::pipedrive
