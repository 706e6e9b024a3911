#include "config/addresses.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/strings.h"

namespace connector::config {
namespace {

bool IsPort(std::string_view text) {
  int port = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port >= 0 && port <= 65535;
}

bool IsHostByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

struct Authority {
  std::string host;  // without brackets
  std::optional<std::string> port;
};

// Nothing if `text` is no host with an optional port.
std::optional<Authority> ParseAuthority(std::string_view text) {
  std::string_view host;
  std::string_view rest;
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
    if (host.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos) {
      return std::nullopt;
    }
  } else {
    host = text.substr(0, text.find(':'));
    rest = text.substr(host.size());
    if (!std::all_of(host.begin(), host.end(), IsHostByte)) return std::nullopt;
  }
  if (rest.empty()) return Authority{std::string(host), std::nullopt};
  if (!rest.starts_with(':') || !IsPort(rest.substr(1))) return std::nullopt;
  return Authority{std::string(host), std::string(rest.substr(1))};
}

bool IsLoopback(std::string_view host) {
  return host == "localhost" || host == "::1" ||
         (host.starts_with("127.") &&
          host.find_first_not_of("0123456789.") == std::string_view::npos);
}

std::string CheckWeb(const std::string& text, bool origin_only) {
  const std::string lower = AsciiLower(text);
  const bool secure = lower.starts_with("https://");
  if (!secure && !lower.starts_with("http://")) return "must begin with https://";
  const std::string_view rest = std::string_view(text).substr(secure ? 8 : 7);
  const std::string_view place = rest.substr(0, rest.find_first_of("/?#"));
  if (place.find('@') != std::string_view::npos) return "must hold no user name or password";
  const std::optional<Authority> authority = ParseAuthority(place);
  if (!authority || authority->host.empty()) return "has no valid host";
  if (origin_only && place.size() != rest.size()) {
    return absl::StrCat("must be scheme and host only, such as https://", authority->host);
  }
  if (!secure && !IsLoopback(authority->host)) {
    return "must be https://; plain http is allowed to localhost only";
  }
  return "";
}

}  // namespace

std::string CheckOrigin(const std::string& text) { return CheckWeb(text, true); }

std::string CheckUrl(const std::string& text) { return CheckWeb(text, false); }

std::string CheckProxy(const std::string& text) {
  const std::string_view view = text;
  const size_t scheme = view.find("://");
  const std::string name = AsciiLower(view.substr(0, scheme));
  if (scheme == std::string_view::npos ||
      (name != "http" && name != "https" && name != "socks5" && name != "socks5h")) {
    return "must begin with http://, https://, socks5:// or socks5h://";
  }
  std::string_view place = view.substr(scheme + 3);
  if (place.ends_with('/')) place.remove_suffix(1);
  if (const size_t at = place.rfind('@'); at != std::string_view::npos) place.remove_prefix(at + 1);
  const std::optional<Authority> authority = ParseAuthority(place);
  return authority && !authority->host.empty() ? "" : "has no valid host";
}

std::string CheckListen(const std::string& text) {
  const std::optional<Authority> authority = ParseAuthority(text);
  if (!authority || !authority->port) {
    return "is not HOST:PORT or :PORT with a port from 0 to 65535";
  }
  return "";
}

std::string CheckStoreUrl(const std::string& text) {
  if (text.starts_with("sqlite:")) {
    return text.size() > std::string_view("sqlite:").size() ? "" : "names no file after sqlite:";
  }
  if (text.starts_with("postgresql://") || text.starts_with("postgres://")) return "";
  return "must be sqlite:PATH or postgresql://USER@HOST/DATABASE";
}

std::string CheckCompanyDomain(const std::string& text) {
  const size_t dot = text.find('.');
  if (dot != std::string::npos && text.substr(dot) == ".pipedrive.com") {
    return absl::StrCat("must be only the part before .pipedrive.com: ", text.substr(0, dot));
  }
  const bool good = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  return good && text.size() <= 63 ? "" : "must be letters, digits and hyphens only";
}

std::string CheckEventName(const std::string& text) {
  const bool good =
      !text.empty() && text.size() <= 255 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
      });
  return good ? "" : "is no event name; allowed: up to 255 letters, digits, _ and -";
}

std::string CheckNetworks(const std::string& text) {
  for (const auto part : absl::StrSplit(text, absl::ByAnyChar(", "), absl::SkipEmpty())) {
    const size_t slash = part.find('/');
    const std::string address(part.substr(0, slash));
    unsigned char bytes[sizeof(in6_addr)];
    const bool v6 = inet_pton(AF_INET6, address.c_str(), bytes) == 1;
    int prefix = 0;
    const bool good = (v6 || inet_pton(AF_INET, address.c_str(), bytes) == 1) &&
                      (slash == part.npos || (absl::SimpleAtoi(part.substr(slash + 1), &prefix) &&
                                              prefix >= 0 && prefix <= (v6 ? 128 : 32)));
    if (!good) return absl::StrCat("holds ", part, ", which is no address and no network");
  }
  return "";
}

bool IsLoopbackListen(std::string_view listen) {
  const std::string_view host = listen.substr(0, listen.rfind(':'));
  return host == "[::1]" || IsLoopback(host);
}

std::string CheckRegion(const std::string& text) {
  const bool good =
      text.size() == 2 && text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos;
  return good ? "" : "is not a country of two letters, such as DE or US";
}

}  // namespace connector::config
