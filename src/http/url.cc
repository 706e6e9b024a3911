#include "http/url.h"

#include "base/strings.h"

namespace connector::http {
namespace {

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

void AppendEncoded(std::string& out, std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  for (const char c : text) {
    if (IsUnreserved(c)) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
}

}  // namespace

std::string PercentEncode(std::string_view text) {
  std::string out;
  AppendEncoded(out, text);
  return out;
}

Url::Url(std::string_view origin, std::string_view path) {
  while (origin.ends_with('/')) origin.remove_suffix(1);
  text_.reserve(origin.size() + path.size() + 160);
  text_ += origin;
  text_ += path;
}

Url& Url::Segment(std::string_view text) {
  text_.push_back('/');
  AppendEncoded(text_, text);
  return *this;
}

Url& Url::Query(std::string_view name, std::string_view value) {
  text_.push_back(has_query_ ? '&' : '?');
  has_query_ = true;
  AppendEncoded(text_, name);
  text_.push_back('=');
  AppendEncoded(text_, value);
  return *this;
}

bool IsWebAddress(std::string_view url) {
  const std::string start = AsciiLower(url.substr(0, 8));
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (start.compare(0, scheme.size(), scheme) != 0) continue;
    return url.size() > scheme.size() && url[scheme.size()] != '/';
  }
  return false;
}

}  // namespace connector::http
