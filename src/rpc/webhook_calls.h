#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>

#include "pipedrive_connector/v1/account.pb.h"
#include "pipedrive_connector/v1/operations.pb.h"
#include "sync/subscriptions.h"
#include "worker/interactive_pool.h"

namespace connector::rpc {

// The calls about webhook subscriptions. Each asks Pipedrive, so it is worked off by the pool; what
// is referred to outlives the server.
class WebhookCalls {
 public:
  WebhookCalls(sync::Subscriptions& subscriptions, worker::InteractivePool& pool,
               const Clock& clock)
      : subscriptions_(subscriptions), pool_(pool), clock_(clock) {}

  grpc::ServerUnaryReactor* Ensure(grpc::CallbackServerContext& context,
                                   const pipedrive_connector::v1::EnsureWebhooksRequest& request,
                                   pipedrive_connector::v1::EnsureWebhooksResponse& response);
  grpc::ServerUnaryReactor* List(grpc::CallbackServerContext& context,
                                 const pipedrive_connector::v1::ListWebhooksRequest& request,
                                 pipedrive_connector::v1::ListWebhooksResponse& response);

  grpc::ServerUnaryReactor* Create(grpc::CallbackServerContext& context,
                                   const pipedrive_connector::v1::CreateWebhookRequest& request,
                                   pipedrive_connector::v1::CreateWebhookResponse& response);
  grpc::ServerUnaryReactor* Delete(grpc::CallbackServerContext& context,
                                   const pipedrive_connector::v1::DeleteWebhookRequest& request);

 private:
  // Has the pool call `work` and ends the call with its outcome.
  grpc::ServerUnaryReactor* Post(grpc::CallbackServerContext& context,
                                 std::function<absl::Status(const http::CallContext&)> work);

  sync::Subscriptions& subscriptions_;
  worker::InteractivePool& pool_;
  const Clock& clock_;
};

}  // namespace connector::rpc
