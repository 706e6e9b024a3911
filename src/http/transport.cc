#include "http/transport.h"

#include <array>

#include "base/strings.h"

namespace connector::http {

std::string_view MethodName(Method method) {
  static constexpr std::array<std::string_view, 5> kNames = {"GET", "POST", "PUT", "PATCH",
                                                             "DELETE"};
  return kNames[static_cast<size_t>(method)];
}

std::string_view Response::HeaderValue(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

bool Response::IsJson() const {
  const std::string_view type = HeaderValue("content-type");
  const std::string media = AsciiLower(Trim(type.substr(0, type.find(';'))));
  return media == "application/json" || media.ends_with("+json");
}

}  // namespace connector::http
