#include "http/answer.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"
#include "base/strings.h"
#include "base/time_format.h"

namespace connector::http {
namespace {

constexpr Duration kLongestWait = std::chrono::hours(24);
constexpr size_t kExcerptBytes = 300;

}  // namespace

std::optional<Duration> WaitOf(const Response& response, std::string_view header) {
  const std::string_view text = Trim(response.HeaderValue(header));
  if (text.empty()) return std::nullopt;
  double seconds = 0;
  if (absl::SimpleAtod(ToAbsl(text), &seconds)) {
    if (!(seconds >= 0)) return std::nullopt;
    const double longest = std::chrono::duration<double>(kLongestWait).count();
    return std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(std::min(seconds, longest)));
  }
  const auto until = ParseHttpDate(text);
  const auto now = ServerTime(response);
  if (!until || !now) return std::nullopt;
  return std::clamp<Duration>(*until - *now, Duration(0), kLongestWait);
}

std::optional<int64_t> NumberOf(const Response& response, std::string_view header) {
  int64_t number = 0;
  if (!absl::SimpleAtoi(ToAbsl(response.HeaderValue(header)), &number)) return std::nullopt;
  return number;
}

std::optional<Time> ServerTime(const Response& response) {
  return ParseHttpDate(response.HeaderValue("date"));
}

std::string Excerpt(std::string_view text) {
  std::string line(text.substr(0, 2 * kExcerptBytes));
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  const std::string_view trimmed = Trim(line);
  if (trimmed.size() <= kExcerptBytes) return std::string(trimmed);
  size_t end = kExcerptBytes;
  while (end > 0 && (static_cast<unsigned char>(trimmed[end]) & 0xC0) == 0x80) --end;
  return std::string(trimmed.substr(0, end)) + "...";
}

Response Redacted(const Response& response, const Secret& credential) {
  Response out = response;
  if (credential.empty()) return out;
  const std::string& text = credential.Reveal();
  absl::StrReplaceAll({{text, "***"}}, &out.body);
  for (auto& [name, value] : out.headers) absl::StrReplaceAll({{text, "***"}}, &value);
  return out;
}

}  // namespace connector::http
