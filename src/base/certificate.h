#pragma once

// A look at PEM files before they are used: libraries that are given wrong ones often start all the
// same, and then refuse every connection without a word.

#include <string>

#include "absl/status/status.h"

namespace connector {

// FAILED_PRECONDITION names the file: it can't be read, holds no certificate or no private key
// without a passphrase, or the two don't belong together.
absl::Status CheckKeyPair(const std::string& cert_file, const std::string& key_file);

// FAILED_PRECONDITION: the file holds no certificate.
absl::Status CheckCertificate(const std::string& file);

}  // namespace connector
