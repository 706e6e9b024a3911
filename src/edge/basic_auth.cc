#include "edge/basic_auth.h"

#include <openssl/evp.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/strings.h"

namespace connector::edge {
namespace {

// Longer than any user name and password that is set.
constexpr size_t kLongest = 1024;

bool IsBase64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

// Strict: whole groups of four, padding at the end only.
std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  const std::string_view digits = text.substr(0, text.size() - padding);
  if (!std::all_of(digits.begin(), digits.end(), IsBase64)) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = ::EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  bytes.resize(static_cast<size_t>(size) - padding);
  return bytes;
}

}  // namespace

std::optional<std::string> BasicCredentials(std::string_view authorization) {
  constexpr std::string_view kScheme = "basic ";
  if (authorization.size() > kLongest || authorization.size() < kScheme.size()) return std::nullopt;
  if (AsciiLower(authorization.substr(0, kScheme.size())) != kScheme) return std::nullopt;
  std::optional<std::string> decoded = DecodeBase64(Trim(authorization.substr(kScheme.size())));
  if (!decoded || decoded->find(':') == std::string::npos) return std::nullopt;
  return decoded;
}

Sha256Digest CredentialsDigest(std::string_view user, std::string_view password) {
  return Sha256(absl::StrCat(ToAbsl(user), ":", ToAbsl(password)));
}

}  // namespace connector::edge
