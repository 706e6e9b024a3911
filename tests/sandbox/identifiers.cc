// The rules by which Brevo takes or refuses an e-mail address and a phone number.
#include <array>

#include "text.h"

namespace sandbox {
namespace {

bool IsLocalPart(std::string_view local) {
  constexpr std::string_view kSpecial = "!#$%&'*+/=?^_`{|}~.-";
  if (local.empty() || local.size() > 64 || local.front() == '.' || local.back() == '.') {
    return false;
  }
  if (Contains(local, "..")) return false;
  for (const char c : local) {
    const bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!alnum && kSpecial.find(c) == std::string_view::npos) return false;
  }
  return true;
}

bool IsDomain(std::string_view domain) {
  size_t labels = 0;
  std::string_view last;
  while (true) {
    const size_t dot = domain.find('.');
    const std::string_view label = domain.substr(0, dot);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') {
      return false;
    }
    for (const char c : label) {
      const bool ok =
          (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
      if (!ok) return false;
    }
    ++labels;
    last = label;
    if (dot == std::string_view::npos) break;
    domain.remove_prefix(dot + 1);
  }
  if (labels < 2 || last.size() < 2) return false;
  return last.front() > '9';  // a top-level domain never starts with a digit
}

struct CallingCode {
  std::string_view code;
  size_t min, max;  // digits in all, code included
};

// Calling codes with how many digits a number has; longest codes first.
constexpr std::array<CallingCode, 42> kCodes = {{
    {"351", 12, 12}, {"352", 8, 12},  {"353", 10, 12}, {"354", 10, 10}, {"358", 9, 13},
    {"359", 11, 12}, {"370", 11, 11}, {"371", 11, 11}, {"372", 10, 11}, {"380", 12, 12},
    {"385", 11, 12}, {"386", 11, 11}, {"420", 12, 12}, {"421", 12, 12}, {"852", 11, 11},
    {"966", 11, 12}, {"971", 11, 12}, {"972", 11, 12}, {"20", 11, 12},  {"27", 11, 11},
    {"30", 12, 12},  {"31", 11, 11},  {"32", 10, 11},  {"33", 11, 11},  {"34", 11, 11},
    {"36", 10, 11},  {"39", 8, 13},   {"40", 11, 11},  {"41", 11, 11},  {"43", 8, 15},
    {"44", 12, 12},  {"45", 10, 10},  {"46", 9, 12},   {"47", 10, 10},  {"48", 11, 11},
    {"49", 8, 15},   {"55", 12, 13},  {"61", 11, 11},  {"81", 11, 12},  {"90", 12, 12},
    {"91", 12, 12},  {"1", 11, 11},
}};

}  // namespace

bool IsValidEmail(std::string_view email) {
  if (email.size() > 254) return false;
  const size_t at = email.find('@');
  if (at == std::string_view::npos || email.find('@', at + 1) != std::string_view::npos) {
    return false;
  }
  return IsLocalPart(email.substr(0, at)) && IsDomain(email.substr(at + 1));
}

std::optional<std::string> NormalizePhone(std::string_view phone) {
  std::string text(phone);
  if (const size_t trunk = text.find("(0)"); trunk != std::string::npos) text.erase(trunk, 3);
  std::string digits;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c >= '0' && c <= '9') {
      digits += c;
    } else if (!(c == '+' && digits.empty()) && c != ' ' && c != '-' && c != '.' && c != '(' &&
               c != ')') {
      return std::nullopt;
    }
  }
  if (digits.rfind("00", 0) == 0) digits.erase(0, 2);
  for (const CallingCode& known : kCodes) {
    if (digits.rfind(known.code, 0) != 0) continue;
    if (digits.size() < known.min || digits.size() > known.max) return std::nullopt;
    // No national number begins with the trunk prefix, Italy aside.
    if (known.code != "39" && digits[known.code.size()] == '0') return std::nullopt;
    return digits;
  }
  return std::nullopt;
}

}  // namespace sandbox
