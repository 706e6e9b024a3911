#include "http_message.h"

#include <string_view>

#include "text.h"

namespace sandbox {

void Request::ParseTarget() {
  const size_t mark = target.find('?');
  path = target.substr(0, mark);
  query.clear();
  if (mark == std::string::npos) return;
  std::string_view rest = std::string_view(target).substr(mark + 1);
  while (!rest.empty()) {
    const size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    const std::string_view value = equals == std::string_view::npos ? "" : pair.substr(equals + 1);
    query.emplace_back(PercentDecode(pair.substr(0, equals), true), PercentDecode(value, true));
  }
}

}  // namespace sandbox
