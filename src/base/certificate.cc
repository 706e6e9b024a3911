#include "base/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"

namespace connector {
namespace {

struct Release {
  void operator()(X509* value) const { X509_free(value); }
  void operator()(EVP_PKEY* value) const { EVP_PKEY_free(value); }
  void operator()(std::FILE* value) const { std::fclose(value); }
};
using Certificate = std::unique_ptr<X509, Release>;
using Key = std::unique_ptr<EVP_PKEY, Release>;
using File = std::unique_ptr<std::FILE, Release>;

// A key with a passphrase would ask for it on the terminal.
int NoPassphrase(char*, int, int, void*) { return 0; }

Certificate ReadCertificate(const std::string& path) {
  const File file(std::fopen(path.c_str(), "r"));
  return Certificate(file ? PEM_read_X509(file.get(), nullptr, nullptr, nullptr) : nullptr);
}

Key ReadKey(const std::string& path) {
  const File file(std::fopen(path.c_str(), "r"));
  return Key(file ? PEM_read_PrivateKey(file.get(), nullptr, NoPassphrase, nullptr) : nullptr);
}

absl::Status Unusable(const std::string& path, absl::string_view what) {
  return absl::FailedPreconditionError(
      absl::StrCat(path, " cannot be read, or holds no ", what, " in PEM"));
}

}  // namespace

absl::Status CheckKeyPair(const std::string& cert_file, const std::string& key_file) {
  const Certificate certificate = ReadCertificate(cert_file);
  if (!certificate) return Unusable(cert_file, "certificate");
  const Key key = ReadKey(key_file);
  if (!key) return Unusable(key_file, "private key without a passphrase");
  if (X509_check_private_key(certificate.get(), key.get()) == 1) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(key_file, " is not the key of the certificate in ", cert_file));
}

absl::Status CheckCertificate(const std::string& file) {
  return ReadCertificate(file) ? absl::OkStatus() : Unusable(file, "certificate");
}

}  // namespace connector
