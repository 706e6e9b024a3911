#pragma once

#include "pipedrive_connector/v1/operations.pb.h"
#include "rpc/inquiry_call.h"
#include "sync/records.h"

namespace connector::rpc {

// Operations.ExportContact. All but the context outlives the call.
grpc::ServerUnaryReactor* ExportContact(
    grpc::CallbackServerContext& context, const InquiryParts& parts, sync::Records& records,
    const pipedrive_connector::v1::ExportContactRequest& request,
    pipedrive_connector::v1::ExportContactResponse& response);

}  // namespace connector::rpc
