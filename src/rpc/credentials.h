#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "rpc/transport_security.h"

namespace connector::rpc {

// FAILED_PRECONDITION names the setting of `server.grpc` at fault and what to do.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(
    const TransportSecurity& security, const std::string& listen);

}  // namespace connector::rpc
