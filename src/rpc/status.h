#pragma once

#include <grpcpp/grpcpp.h>

#include <string_view>

#include "absl/status/status.h"

namespace connector::rpc {

// A vendor's refusal as the contract puts it: a refused credential, plan or address is
// FAILED_PRECONDITION, since UNAUTHENTICATED and PERMISSION_DENIED speak of the caller; a cursor
// that is not taken is INVALID_ARGUMENT of the request's field `cursor`. All else stays as it is.
absl::Status ForCaller(const absl::Status& status, std::string_view cursor);

// The one place where the service's errors become gRPC's. The codes are the same numbers; the wait
// that the status carries goes into the trailing metadata `grpc-retry-pushback-ms`;
// RESOURCE_EXHAUSTED and UNAVAILABLE always have it.
grpc::Status ToGrpc(const absl::Status& status, grpc::CallbackServerContext& context);

}  // namespace connector::rpc
