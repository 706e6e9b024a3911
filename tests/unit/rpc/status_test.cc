#include "rpc/status.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "base/status.h"
#include "pipedrive_connector/v1/service.grpc.pb.h"

namespace connector::rpc {
namespace {

namespace v1 = pipedrive_connector::v1;

// Answers every search with the same status, so that the client's view of it can be looked at.
class Refusing : public v1::PipedriveConnector::CallbackService {
 public:
  explicit Refusing(absl::Status status) : status_(std::move(status)) {}

  grpc::ServerUnaryReactor* SearchItems(grpc::CallbackServerContext* context,
                                        const v1::SearchItemsRequest*,
                                        v1::SearchItemsResponse*) override {
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(ToGrpc(status_, *context));
    return reactor;
  }

 private:
  const absl::Status status_;
};

struct Seen {
  grpc::Status status;
  std::optional<std::string> pushback;
};

Seen Ask(absl::Status status) {
  Refusing service(std::move(status));
  grpc::ServerBuilder builder;
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  const auto stub = v1::PipedriveConnector::NewStub(server->InProcessChannel({}));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  v1::SearchItemsResponse response;
  Seen seen{.status = stub->SearchItems(&context, {}, &response)};
  const auto& metadata = context.GetServerTrailingMetadata();
  const auto found = metadata.find("grpc-retry-pushback-ms");
  if (found != metadata.end()) {
    seen.pushback = std::string(found->second.data(), found->second.size());
  }
  return seen;
}

TEST(RpcStatus, CodesAndTextsAreKept) {
  for (int code = 0; code <= 16; ++code) {
    const absl::Status status(static_cast<absl::StatusCode>(code), code == 0 ? "" : "what to do");
    grpc::CallbackServerContext context;
    const grpc::Status mapped = ToGrpc(status, context);
    EXPECT_EQ(static_cast<int>(mapped.error_code()), code);
    EXPECT_EQ(mapped.error_message(), status.message());
  }
}

TEST(RpcStatus, WaitGoesIntoTheTrailers) {
  const Seen seen = Ask(WithRetryAfter(absl::UnavailableError("soon"), std::chrono::seconds(3)));
  EXPECT_EQ(seen.status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(seen.status.error_message(), "soon");
  EXPECT_EQ(seen.pushback, "3000");
}

// Never shorter than the wait, or the next attempt comes too early.
TEST(RpcStatus, WaitIsRoundedUp) {
  const Seen seen = Ask(
      WithRetryAfter(absl::ResourceExhaustedError("quota"), std::chrono::microseconds(1'000'001)));
  EXPECT_EQ(seen.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(seen.pushback, "1001");
}

// The contract promises a wait for these two, also where nobody knows one.
TEST(RpcStatus, PassingTroubleAlwaysSaysWhenToComeBack) {
  EXPECT_EQ(Ask(absl::UnavailableError("stopping")).pushback, "1000");
  EXPECT_EQ(Ask(absl::ResourceExhaustedError("full")).pushback, "1000");
}

TEST(RpcStatus, VendorsRefusalsAreTheServicesToMend) {
  for (const absl::Status& status :
       {absl::UnauthenticatedError("set the token"), absl::PermissionDeniedError("set the token"),
        absl::UnimplementedError("set the token")}) {
    const absl::Status told =
        ForCaller(WithReaction(status, Reaction::kPauseAccount), "page_token");
    EXPECT_EQ(told, absl::FailedPreconditionError("set the token"));
  }
  EXPECT_EQ(ForCaller(absl::OutOfRangeError("no such cursor"), "page_token"),
            absl::InvalidArgumentError("page_token: no such cursor"));
  const absl::Status wait =
      WithRetryAfter(absl::ResourceExhaustedError("quota"), std::chrono::seconds(1));
  EXPECT_EQ(ForCaller(wait, "page_token"), wait);
  EXPECT_TRUE(ForCaller(absl::OkStatus(), "page_token").ok());
}

TEST(RpcStatus, NoWaitNoTrailer) {
  EXPECT_EQ(Ask(absl::NotFoundError("none")).pushback, std::nullopt);
  EXPECT_EQ(Ask(absl::OkStatus()).pushback, std::nullopt);
}

}  // namespace
}  // namespace connector::rpc
