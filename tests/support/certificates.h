#pragma once

// Certificates for tests, made on the spot: an authority, and what it signs for 127.0.0.1.
// Header only, since tests that share no other library use it.

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

namespace connector::testing {

struct KeyPair {
  std::string certificate;  // PEM
  std::string key;          // PEM
};

class Authority {
 public:
  explicit Authority(const std::string& name) : key_(EVP_EC_gen("P-256"), EVP_PKEY_free) {
    certificate_.reset(Make(name, key_.get(), nullptr, "CA:TRUE"), X509_free);
  }

  std::string certificate() const { return Pem(certificate_.get()); }

  // Of a server on 127.0.0.1, or of a client.
  KeyPair Issue(const std::string& name) const {
    const std::shared_ptr<EVP_PKEY> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const std::shared_ptr<X509> leaf(Make(name, key.get(), this, "CA:FALSE"), X509_free);
    return {Pem(leaf.get()), Pem(key.get())};
  }

 private:
  static X509* Make(const std::string& name, EVP_PKEY* key, const Authority* issuer,
                    const char* constraints) {
    static int serial = 0;
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 24 * 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509* const signer = issuer != nullptr ? issuer->certificate_.get() : certificate;
    X509_set_issuer_name(certificate, X509_get_subject_name(signer));
    X509V3_CTX context;
    X509V3_set_ctx(&context, signer, certificate, nullptr, nullptr, 0);
    Extend(certificate, &context, NID_basic_constraints, constraints);
    if (issuer != nullptr) {
      Extend(certificate, &context, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
    }
    X509_sign(certificate, issuer != nullptr ? issuer->key_.get() : key, EVP_sha256());
    return certificate;
  }

  static void Extend(X509* certificate, X509V3_CTX* context, int kind, const char* value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, context, kind, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }

  static std::string Pem(X509* certificate) {
    BIO* const memory = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(memory, certificate);
    return Take(memory);
  }
  static std::string Pem(EVP_PKEY* key) {
    BIO* const memory = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(memory, key, nullptr, nullptr, 0, nullptr, nullptr);
    return Take(memory);
  }
  static std::string Take(BIO* memory) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory, &text);
    std::string pem(text, static_cast<size_t>(size));
    BIO_free(memory);
    return pem;
  }

  std::shared_ptr<EVP_PKEY> key_;
  std::shared_ptr<X509> certificate_;
};

// A directory that goes with the object.
class Directory {
 public:
  Directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "certificates-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  const std::string& path() const { return path_; }

  // At once, as an operator's tool does it: no reader sees half a file.
  std::string Write(const std::string& name, const std::string& text) const {
    std::string file = path_ + "/" + name;
    std::ofstream(file + ".new") << text;
    std::filesystem::rename(file + ".new", file);
    return file;
  }

 private:
  std::string path_;
};

}  // namespace connector::testing
