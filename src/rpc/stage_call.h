#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

#include "pipedrive_connector/v1/service.pb.h"
#include "sync/map_stage.h"
#include "worker/stages.h"

namespace connector::rpc {

// INVALID_ARGUMENT names the field.
absl::StatusOr<sync::StageQuestion> ToStageQuestion(
    const pipedrive_connector::v1::MapDealStageRequest& request);

void FillStageResponse(const sync::StageAnswer& answer,
                       pipedrive_connector::v1::MapDealStageResponse& response);

// The server's end of a call that waits for an answer about stages. It keeps itself alive until
// gRPC is done with it; the work shares it until it has its outcome.
class StageCall : public grpc::ServerUnaryReactor, public std::enable_shared_from_this<StageCall> {
 public:
  // All but the question and the connection's name outlive the call.
  struct Parts {
    grpc::CallbackServerContext& context;
    pipedrive_connector::v1::MapDealStageResponse& response;
    worker::Stages& stages;
    std::string connection;
    sync::StageQuestion question;
  };

  // Begins the work. The reactor belongs to gRPC from here on.
  static StageCall* Begin(Parts parts, Time deadline);

  void OnCancel() override;
  void OnDone() override { self_.reset(); }

 private:
  explicit StageCall(Parts parts) : parts_(std::move(parts)) {}
  void End(const absl::StatusOr<sync::StageAnswer>& answer);

  const Parts parts_;
  std::shared_ptr<StageCall> self_;
  std::stop_source cancelled_;
  std::mutex mutex_;  // guards finished_, and the response until then
  bool finished_ = false;
};

}  // namespace connector::rpc
