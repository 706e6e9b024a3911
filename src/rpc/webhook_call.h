#pragma once

#include <grpcpp/grpcpp.h>

#include "absl/status/statusor.h"
#include "pipedrive_connector/v1/service.pb.h"
#include "worker/intake.h"
#include "worker/runs.h"

namespace connector::rpc {

// The event of a request as the doors take it. INVALID_ARGUMENT names the field.
absl::StatusOr<worker::Intake::Submission> ToSubmission(
    const pipedrive_connector::v1::HandleWebhookRequest& request);

// Hands the event of a HandleWebhook to the intake and answers when that does; a caller that goes
// away is waited for no longer. Deletes itself.
grpc::ServerUnaryReactor* TakeWebhook(grpc::CallbackServerContext& context, worker::Runs& runs,
                                      worker::Intake& intake,
                                      const pipedrive_connector::v1::HandleWebhookRequest& request,
                                      pipedrive_connector::v1::HandleWebhookResponse& response);

}  // namespace connector::rpc
