#include "cli/channel.h"

#include <grpcpp/support/client_interceptor.h>

#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"

namespace connector::cli {
namespace {

// A connection that died without a word is noticed after about this long.
constexpr int kKeepaliveMs = 60'000;

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (file.good() && !text.str().empty()) return text.str();
  return absl::FailedPreconditionError(absl::StrCat(path, " is empty or cannot be read"));
}

// Sends the token with every call. Call credentials would do so over TLS only, not over loopback.
class TokenSender : public grpc::experimental::Interceptor {
 public:
  explicit TokenSender(const Secret& token) : token_(token) {}

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(
            grpc::experimental::InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      methods->GetSendInitialMetadata()->emplace("authorization",
                                                 absl::StrCat("Bearer ", token_.Reveal()));
    }
    methods->Proceed();
  }

 private:
  const Secret& token_;
};

class TokenSenders : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  explicit TokenSenders(Secret token) : token_(std::move(token)) {}
  grpc::experimental::Interceptor* CreateClientInterceptor(
      grpc::experimental::ClientRpcInfo*) override {
    return new TokenSender(token_);
  }

 private:
  const Secret token_;
};

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> CredentialsOf(
    const Arguments& arguments) {
  const bool tls =
      arguments.tls || !arguments.tls_ca_file.empty() || !arguments.tls_cert_file.empty();
  if (!tls) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  if (!arguments.tls_ca_file.empty()) {
    CONNECTOR_ASSIGN_OR_RETURN(options.pem_root_certs, ReadFile(arguments.tls_ca_file));
  }
  if (!arguments.tls_cert_file.empty()) {
    CONNECTOR_ASSIGN_OR_RETURN(options.pem_cert_chain, ReadFile(arguments.tls_cert_file));
    CONNECTOR_ASSIGN_OR_RETURN(options.pem_private_key, ReadFile(arguments.tls_key_file));
  }
  return grpc::SslCredentials(options);
}

}  // namespace

absl::StatusOr<Secret> ReadToken(const Arguments& arguments, const char* from_environment) {
  if (arguments.token_file.empty()) {
    return Secret(from_environment != nullptr ? from_environment : "");
  }
  CONNECTOR_ASSIGN_OR_RETURN(const std::string text, ReadFile(arguments.token_file));
  return Secret(std::string(Trim(text)));
}

absl::StatusOr<std::shared_ptr<grpc::ChannelInterface>> MakeChannel(const Arguments& arguments,
                                                                    const Secret& token) {
  CONNECTOR_ASSIGN_OR_RETURN(const auto credentials, CredentialsOf(arguments));
  grpc::ChannelArguments options;
  options.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  options.SetMaxReceiveMessageSize(64 << 20);
  std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> interceptors;
  if (!token.empty()) interceptors.push_back(std::make_unique<TokenSenders>(token));
  return grpc::experimental::CreateCustomChannelWithInterceptors(arguments.address, credentials,
                                                                 options, std::move(interceptors));
}

}  // namespace connector::cli
