#include "rpc/credentials.h"

#include <grpcpp/security/auth_metadata_processor.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/certificate.h"
#include "base/status.h"
#include "base/strings.h"

namespace connector::rpc {
namespace {

// Seconds of real time between two looks at the files.
constexpr unsigned kReload = 5;

constexpr absl::string_view kBearer = "bearer ";

std::shared_ptr<grpc::ServerCredentials> TlsCredentials(const TransportSecurity& security) {
  grpc::experimental::TlsServerCredentialsOptions options(
      std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
          security.key_file, security.cert_file, security.client_ca_file, kReload));
  options.watch_identity_key_cert_pairs();
  if (!security.client_ca_file.empty()) {
    options.watch_root_certs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return grpc::experimental::TlsServerCredentials(options);
}

absl::string_view View(grpc::string_ref text) { return {text.data(), text.size()}; }

// Asks every call for a token, but probes, which have none to give.
class TokenCheck : public grpc::AuthMetadataProcessor {
 public:
  explicit TokenCheck(std::shared_ptr<const Tokens> tokens) : tokens_(std::move(tokens)) {}

  bool IsBlocking() const override { return false; }

  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext*, OutputMetadata* consumed,
                       OutputMetadata*) override {
    const auto path = metadata.find(":path");
    if (path != metadata.end() && absl::StartsWith(View(path->second), "/grpc.health.v1.Health/")) {
      return grpc::Status::OK;
    }
    const auto header = metadata.find("authorization");
    if (header == metadata.end()) return Refusal("no bearer token was sent");
    const absl::string_view value = View(header->second);
    const bool accepted = absl::StartsWithIgnoreCase(value, kBearer) &&
                          tokens_->Accept(ToStd(value.substr(kBearer.size())));
    if (!accepted) return Refusal("the bearer token is none of server.grpc.tokens");
    // No handler and no log sees it.
    consumed->emplace("authorization", std::string(value));
    return grpc::Status::OK;
  }

 private:
  static grpc::Status Refusal(const char* why) { return {grpc::StatusCode::UNAUTHENTICATED, why}; }

  const std::shared_ptr<const Tokens> tokens_;
};

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> PlainCredentials(
    const TransportSecurity& security, const std::string& listen) {
  const bool loopback = IsLoopback(listen);
  if (!loopback && !security.insecure) {
    return absl::FailedPreconditionError(absl::StrCat(
        "server.grpc.listen: ", listen,
        " is reachable from other machines, and gRPC has no TLS: set server.grpc.tls.cert_file and "
        "key_file, or server.grpc.insecure: true where the network is trusted"));
  }
  if (!security.tokens) return grpc::InsecureServerCredentials();
  if (!loopback) {
    return absl::FailedPreconditionError(
        "server.grpc.tokens: tokens would travel in the clear; set server.grpc.tls.cert_file and "
        "key_file, or listen on loopback");
  }
  // On the wire the same as none, but calls can be asked for a token.
  return grpc::experimental::LocalServerCredentials(LOCAL_TCP);
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(
    const TransportSecurity& security, const std::string& listen) {
  std::shared_ptr<grpc::ServerCredentials> credentials;
  if (security.cert_file.empty() != security.key_file.empty()) {
    return absl::FailedPreconditionError(
        "server.grpc.tls: cert_file and key_file belong together; set both or neither");
  }
  if (security.cert_file.empty()) {
    if (!security.client_ca_file.empty()) {
      return absl::FailedPreconditionError(
          "server.grpc.tls.client_ca_file: needs cert_file and key_file");
    }
    CONNECTOR_ASSIGN_OR_RETURN(credentials, PlainCredentials(security, listen));
  } else {
    CONNECTOR_RETURN_IF_ERROR(
        Annotate(CheckKeyPair(security.cert_file, security.key_file), "server.grpc.tls"));
    if (!security.client_ca_file.empty()) {
      CONNECTOR_RETURN_IF_ERROR(
          Annotate(CheckCertificate(security.client_ca_file), "server.grpc.tls.client_ca_file"));
    }
    credentials = TlsCredentials(security);
  }
  if (security.tokens) {
    credentials->SetAuthMetadataProcessor(std::make_shared<TokenCheck>(security.tokens));
  }
  return credentials;
}

}  // namespace connector::rpc
