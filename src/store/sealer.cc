#include "store/sealer.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "base/strings.h"

namespace connector::store {
namespace {

constexpr char kFormat = 1;
constexpr size_t kKeyBytes = 32;    // AES-256
constexpr size_t kNonceBytes = 12;  // what GCM is made for (NIST SP 800-38D, 8.2)
constexpr size_t kTagBytes = 16;
constexpr size_t kKeyIdBytes = 8;
constexpr size_t kHeadBytes = 1 + kKeyIdBytes + kNonceBytes;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
int Size(std::string_view text) { return static_cast<int>(text.size()); }

// "" if OpenSSL has no memory.
std::string Derive(const std::string& secret, std::string info, size_t bytes) {
  const std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf(
      EVP_KDF_fetch(nullptr, "HKDF", nullptr), &EVP_KDF_free);
  const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(
      EVP_KDF_CTX_new(kdf.get()), &EVP_KDF_CTX_free);
  std::string digest = "SHA256";
  std::string key = secret;
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key.data(), key.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
      OSSL_PARAM_construct_end()};
  std::string out(bytes, '\0');
  if (context == nullptr || EVP_KDF_derive(context.get(), Bytes(out), bytes, params) != 1)
    return "";
  return out;
}

absl::Status CannotOpen(std::string_view why) {
  return absl::DataLossError(
      absl::StrCat("the stored tokens can't be decrypted: ", ToAbsl(why),
                   "; add the earlier key to store.old_encryption_keys, or authorize again"));
}

}  // namespace

Sealer::Sealer(const std::vector<Secret>& secrets) {
  for (const Secret& secret : secrets) {
    if (secret.empty()) continue;
    Key key{Derive(secret.Reveal(), "pipedrive-connector tokens: key id", kKeyIdBytes),
            Secret(Derive(secret.Reveal(), "pipedrive-connector tokens: AES-256-GCM", kKeyBytes))};
    if (!key.id.empty() && !key.bytes.empty()) keys_.push_back(std::move(key));
  }
}

absl::StatusOr<std::string> Sealer::Seal(std::string_view text, std::string_view place) const {
  if (keys_.empty()) {
    return absl::FailedPreconditionError(
        "tokens are only stored encrypted, and there is no key: set store.encryption_key");
  }
  const Key& key = keys_.front();
  std::string nonce(kNonceBytes, '\0');
  const CipherContext cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  std::string body(text.size(), '\0');
  std::string tag(kTagBytes, '\0');
  int length = 0;
  const bool sealed =
      cipher != nullptr && RAND_bytes(Bytes(nonce), Size(nonce)) == 1 &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Bytes(key.bytes.Reveal()),
                         Bytes(nonce)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &length, Bytes(place), Size(place)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), Bytes(body), &length, Bytes(text), Size(text)) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), Bytes(tag), &length) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) == 1;
  if (!sealed) return absl::InternalError("OpenSSL could not encrypt");
  return absl::StrCat(std::string(1, kFormat), key.id, nonce, body, tag);
}

absl::StatusOr<std::string> Sealer::Open(std::string_view sealed, std::string_view place) const {
  if (sealed.size() < kHeadBytes + kTagBytes || sealed.front() != kFormat) {
    return CannotOpen("they have another form");
  }
  const std::string_view id = sealed.substr(1, kKeyIdBytes);
  const std::string_view nonce = sealed.substr(1 + kKeyIdBytes, kNonceBytes);
  const std::string_view body = sealed.substr(kHeadBytes, sealed.size() - kHeadBytes - kTagBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  for (const Key& key : keys_) {
    if (key.id != id) continue;
    const CipherContext cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    std::string text(body.size(), '\0');
    unsigned char rest[kTagBytes];
    int length = 0;
    const bool opened =
        cipher != nullptr &&
        EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Bytes(key.bytes.Reveal()),
                           Bytes(nonce)) == 1 &&
        EVP_DecryptUpdate(cipher.get(), nullptr, &length, Bytes(place), Size(place)) == 1 &&
        EVP_DecryptUpdate(cipher.get(), Bytes(text), &length, Bytes(body), Size(body)) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
        EVP_DecryptFinal_ex(cipher.get(), rest, &length) == 1;
    if (opened) return text;
    return CannotOpen("they are damaged");
  }
  return CannotOpen("they were encrypted with a key that is not configured");
}

}  // namespace connector::store
