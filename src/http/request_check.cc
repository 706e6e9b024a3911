#include "http/request_check.h"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "http/curl_pool.h"

namespace connector::http {
namespace {

// RFC 9110's token: what a header's name may be made of.
bool IsToken(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

bool IsHeaderValue(std::string_view text) {
  return std::ranges::none_of(text,
                              [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7F; });
}

bool IsPrintableAscii(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7F; });
}

std::optional<std::string> UrlPart(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return std::nullopt;
  std::string out(text);
  curl_free(text);
  return out;
}

bool IsLoopback(std::string_view host) {
  const std::string name = AsciiLower(host);
  if (name == "localhost") return true;
  in_addr v4{};
  if (inet_pton(AF_INET, name.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  if (name.size() < 3 || name.front() != '[' || name.back() != ']') return false;
  const std::string inner = name.substr(1, name.size() - 2);
  return inet_pton(AF_INET6, inner.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

absl::StatusOr<std::string> CheckUrl(const std::string& text) {
  if (!IsPrintableAscii(text)) {
    return absl::InvalidArgumentError("an address with a byte that must be percent-encoded");
  }
  const CurlUrl url(curl_url());
  if (url == nullptr ||
      curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
    return absl::InvalidArgumentError("not an absolute address");
  }
  const auto scheme = UrlPart(url.get(), CURLUPART_SCHEME);
  const auto host = UrlPart(url.get(), CURLUPART_HOST);
  if (UrlPart(url.get(), CURLUPART_USER) || UrlPart(url.get(), CURLUPART_PASSWORD)) {
    return absl::InvalidArgumentError("an address may not hold a credential");
  }
  if (!host.has_value() || host->empty()) return absl::InvalidArgumentError("no host");
  if (scheme == "https" || (scheme == "http" && IsLoopback(*host))) return *host;
  return absl::InvalidArgumentError(
      absl::StrCat("only https is spoken to ", *host, "; plain http goes to loopback only"));
}

}  // namespace

absl::StatusOr<std::string> CheckRequest(const Request& request) {
  for (const auto& [name, value] : request.headers) {
    if (!IsToken(name) || !IsHeaderValue(value)) {
      return absl::InvalidArgumentError("a header holds a byte that is not allowed there");
    }
  }
  if (!IsHeaderValue(request.content_type)) {
    return absl::InvalidArgumentError("a content type holds a byte that is not allowed there");
  }
  return CheckUrl(request.url);
}

}  // namespace connector::http
