#pragma once

#include <grpcpp/grpcpp.h>

#include "absl/status/status.h"

namespace connector::rpc {

// The one place where the service's errors become gRPC's. The codes are the same numbers; a wait
// that the status carries goes into the trailing metadata `grpc-retry-pushback-ms`.
grpc::Status ToGrpc(const absl::Status& status, grpc::CallbackServerContext& context);

}  // namespace connector::rpc
