#pragma once

#include "pipedrive_connector/v1/operations.pb.h"
#include "rpc/inquiry_call.h"

namespace connector::rpc {

grpc::ServerUnaryReactor* EraseContact(grpc::CallbackServerContext& context,
                                       const InquiryParts& parts,
                                       const pipedrive_connector::v1::EraseContactRequest& request,
                                       pipedrive_connector::v1::EraseContactResponse& response);

}  // namespace connector::rpc
