#include "rpc/status.h"

#include <string>

#include "base/status.h"

namespace connector::rpc {

grpc::Status ToGrpc(const absl::Status& status, grpc::CallbackServerContext& context) {
  if (status.ok()) return grpc::Status::OK;
  if (const auto wait = RetryAfterOf(status)) {
    context.AddTrailingMetadata(
        "grpc-retry-pushback-ms",
        std::to_string(std::chrono::ceil<std::chrono::milliseconds>(*wait).count()));
  }
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message())};
}

}  // namespace connector::rpc
