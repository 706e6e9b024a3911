#pragma once

#include <grpcpp/grpcpp.h>

#include "pipedrive_connector/v1/service.pb.h"
#include "rpc/inquiry_call.h"

namespace connector::rpc {

grpc::ServerUnaryReactor* ReportPipeline(
    grpc::CallbackServerContext& context, const InquiryParts& parts,
    const pipedrive_connector::v1::ReportPipelineRequest& request,
    pipedrive_connector::v1::ReportPipelineResponse& response);

}  // namespace connector::rpc
