#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"

namespace connector::edge {

// "user:password" out of an Authorization header of the Basic scheme (RFC 7617); nullopt for
// anything else.
std::optional<std::string> BasicCredentials(std::string_view authorization);

// The digest that credentials are compared by.
Sha256Digest CredentialsDigest(std::string_view user, std::string_view password);

}  // namespace connector::edge
