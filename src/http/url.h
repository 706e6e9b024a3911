#pragma once

// Building the addresses of calls. Everything that is not fixed text is percent-encoded here.

#include <cstdint>
#include <string>
#include <string_view>

namespace connector::http {

// Encodes every byte but the unreserved ones of RFC 3986 (letters, digits, - . _ ~), so that an
// e-mail address with @ and + survives in a path as well as in a query.
std::string PercentEncode(std::string_view text);

// An address grown part by part.
class Url {
 public:
  // `origin` is "https://host" with or without a trailing slash; `path` is sent as it is.
  Url(std::string_view origin, std::string_view path);

  Url& Segment(std::string_view text);
  Url& Segment(int64_t number) { return Segment(std::to_string(number)); }
  Url& Query(std::string_view name, std::string_view value);
  Url& Query(std::string_view name, int64_t value) { return Query(name, std::to_string(value)); }

  const std::string& text() const { return text_; }

 private:
  std::string text_;
  bool has_query_ = false;
};

// True for an address that begins with http:// or https:// and has a host.
bool IsWebAddress(std::string_view url);

}  // namespace connector::http
