#include "rpc/status.h"

#include <optional>
#include <string>

#include "base/status.h"

namespace connector::rpc {

namespace {

// Where nobody knows how long the trouble will last.
constexpr Duration kDefaultPushback = std::chrono::seconds(1);

std::optional<Duration> PushbackOf(const absl::Status& status) {
  const auto wait = RetryAfterOf(status);
  if (wait || !(absl::IsResourceExhausted(status) || absl::IsUnavailable(status))) return wait;
  return kDefaultPushback;
}

}  // namespace

absl::Status ForCaller(const absl::Status& status, std::string_view cursor) {
  if (ReactionOf(status) == Reaction::kPauseAccount || absl::IsPermissionDenied(status) ||
      absl::IsUnauthenticated(status)) {
    return absl::FailedPreconditionError(status.message());
  }
  if (absl::IsOutOfRange(status)) {
    return Annotate(absl::InvalidArgumentError(status.message()), cursor);
  }
  return status;
}

grpc::Status ToGrpc(const absl::Status& status, grpc::CallbackServerContext& context) {
  if (status.ok()) return grpc::Status::OK;
  if (const auto wait = PushbackOf(status)) {
    context.AddTrailingMetadata(
        "grpc-retry-pushback-ms",
        std::to_string(std::chrono::ceil<std::chrono::milliseconds>(*wait).count()));
  }
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message())};
}

}  // namespace connector::rpc
