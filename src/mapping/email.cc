#include <algorithm>

#include "base/strings.h"
#include "mapping/person_mapper.h"
#include "mapping/text.h"

namespace connector::mapping {
namespace {

constexpr size_t kLongestAddress = 254;  // RFC 5321

bool IsAlphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Brevo refuses local parts beyond ASCII; quoting and lists ("a@x.de;b@x.de") are no addresses
// there.
bool IsLocalPart(std::string_view local) {
  constexpr std::string_view kRefused = "\"(),:;<>[\\]";
  return !local.empty() && std::all_of(local.begin(), local.end(), [&](char c) {
    return c > ' ' && c < 0x7F && kRefused.find(c) == std::string_view::npos;
  });
}

bool IsDomainLabel(std::string_view label) {
  if (label.empty() || label.front() == '-' || label.back() == '-') return false;
  return std::all_of(label.begin(), label.end(), [](char c) {
    return IsAlphanumeric(c) || c == '-' || static_cast<unsigned char>(c) >= 0x80;
  });
}

bool IsDomain(std::string_view domain) {
  size_t labels = 0;
  for (std::string_view rest = domain;;) {
    const size_t dot = rest.find('.');
    const std::string_view label = rest.substr(0, dot);
    if (!IsDomainLabel(label)) return false;
    ++labels;
    if (dot == std::string_view::npos) return labels >= 2 && label.size() >= 2;
    rest.remove_prefix(dot + 1);
  }
}

bool IsAddress(std::string_view text) {
  const size_t at = text.find('@');
  return text.size() <= kLongestAddress && at != std::string_view::npos &&
         IsLocalPart(text.substr(0, at)) && IsDomain(text.substr(at + 1));
}

}  // namespace

EmailChoice ChooseEmail(const Person& person) {
  EmailChoice choice;
  std::string_view primary;
  std::string_view first;
  for (const ContactPoint& point : person.emails) {
    const std::string_view text = TrimInvisible(point.value);
    if (text.empty()) continue;
    choice.has_any = true;
    if (!IsAddress(text)) {
      choice.rejected.push_back(point.value);
      continue;
    }
    if (first.empty()) first = text;
    if (primary.empty() && point.primary) primary = text;
  }
  choice.email = AsciiLower(primary.empty() ? first : primary);
  return choice;
}

}  // namespace connector::mapping
