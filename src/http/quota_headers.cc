#include "http/quota_headers.h"

#include "http/answer.h"

namespace connector::http {
namespace {

std::optional<int64_t> NotNegative(std::optional<int64_t> number) {
  return number.has_value() && *number >= 0 ? number : std::nullopt;
}

}  // namespace

quota::QuotaHeaders ReadQuotaHeaders(quota::Api api, const Response& response) {
  const bool pipedrive = api == quota::Api::kPipedrive;
  const std::string prefix = pipedrive ? "x-ratelimit-" : "x-sib-ratelimit-";
  quota::QuotaHeaders headers;
  headers.limit = NotNegative(NumberOf(response, prefix + "limit"));
  headers.remaining = NotNegative(NumberOf(response, prefix + "remaining"));
  headers.reset = WaitOf(response, prefix + "reset");
  headers.retry_after = WaitOf(response, "retry-after");
  if (pipedrive) {
    headers.day_limit = NotNegative(NumberOf(response, "x-daily-ratelimit-token-limit"));
    headers.day_remaining = NotNegative(NumberOf(response, "x-daily-ratelimit-token-remaining"));
  }
  headers.json = response.IsJson();
  return headers;
}

}  // namespace connector::http
