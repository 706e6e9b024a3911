#pragma once

#include "pipedrive_connector/v1/operations.pb.h"
#include "rpc/inquiry_call.h"

namespace connector::rpc {

grpc::ServerUnaryReactor* ListDuplicates(
    grpc::CallbackServerContext& context, const InquiryParts& parts,
    const pipedrive_connector::v1::ListDuplicatesRequest& request,
    pipedrive_connector::v1::ListDuplicatesResponse& response);

grpc::ServerUnaryReactor* MergeDuplicates(
    grpc::CallbackServerContext& context, const InquiryParts& parts,
    const pipedrive_connector::v1::MergeDuplicatesRequest& request,
    pipedrive_connector::v1::MergeDuplicatesResponse& response);

}  // namespace connector::rpc
