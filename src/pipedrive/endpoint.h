#pragma once

// One account's API as the clients of both versions see it: origin, credential and the road to it.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/status.h"
#include "http/caller.h"
#include "http/url.h"
#include "pipedrive/client.h"

namespace connector::pipedrive {

// Any thread. `caller` must outlive it.
class Endpoint {
 public:
  Endpoint(Options options, http::Caller& caller);

  http::Url At(std::string_view path) const { return http::Url(options_.base_url, path); }

  struct Exchange {
    const quota::Operation& operation;
    http::Method method = http::Method::kGet;
    http::Url url;
    std::string_view body;
  };

  // `read` judges a 2xx answer within the retry loop, so that one that cannot be read is asked for
  // again.
  absl::Status Send(const Exchange& exchange, const http::CallContext& context,
                    const std::function<absl::Status(const http::Response&)>& read) const;
  absl::Status Get(const quota::Operation& operation, const http::Url& url,
                   const http::CallContext& context,
                   const std::function<absl::Status(const http::Response&)>& read) const;

  // `decode` makes an absl::StatusOr<T> of the answer.
  template <typename T, typename Decode>
  absl::StatusOr<T> GetDecoded(const quota::Operation& operation, const http::Url& url,
                               const http::CallContext& context, const Decode& decode) const {
    absl::StatusOr<T> result = absl::InternalError("the answer was not judged");
    CONNECTOR_RETURN_IF_ERROR(
        Get(operation, url, context, [&result, &decode](const http::Response& response) {
          result = decode(response);
          return result.status();
        }));
    return result;
  }

 private:
  const Options options_;
  http::Caller& caller_;
};

// What the API takes in one call.
inline constexpr int64_t kPageSize = 500;
inline constexpr size_t kMaxIds = 100;
inline constexpr size_t kMaxCustomKeys = 15;
// A field list is a few pages; more than this is an API that never ends.
inline constexpr int kMaxFieldPages = 50;

// "1,2,3"; INVALID_ARGUMENT for more than kMaxIds.
absl::StatusOr<std::string> JoinIds(const std::vector<int64_t>& ids);

}  // namespace connector::pipedrive
