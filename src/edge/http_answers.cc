#include "edge/http_answers.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/str_replace.h"

namespace connector::edge {
namespace {

// Longer than any header this project sends; Beast refuses 64 KiB.
constexpr size_t kLongestHeader = 16 << 10;

bool IsToken(const std::string& name) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

// No control characters: a line break in a value would begin a header of somebody else's choice.
bool IsFieldValue(const std::string& value) {
  return value.size() <= kLongestHeader && std::none_of(value.begin(), value.end(), [](char c) {
           return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
         });
}

}  // namespace

bool CanBeSent(const HttpResponse& response) {
  return response.status >= 200 && response.status <= 599 && IsFieldValue(response.content_type) &&
         std::all_of(response.headers.begin(), response.headers.end(), [](const auto& header) {
           return header.first.size() <= kLongestHeader && IsToken(header.first) &&
                  IsFieldValue(header.second);
         });
}

HttpResponse PlainAnswer(int status, std::string body) {
  HttpResponse answer;
  answer.status = status;
  answer.headers = {{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}};
  answer.body = std::move(body);
  return answer;
}

HttpResponse HtmlAnswer(int status, std::string body) {
  HttpResponse answer = PlainAnswer(status, std::move(body));
  answer.content_type = "text/html; charset=utf-8";
  answer.headers.emplace_back(
      "Content-Security-Policy",
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
  return answer;
}

std::string EscapeHtml(const std::string& text) {
  return absl::StrReplaceAll(
      text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

}  // namespace connector::edge
