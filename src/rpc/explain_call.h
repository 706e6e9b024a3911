#pragma once

#include "pipedrive_connector/v1/operations.pb.h"
#include "rpc/inquiry_call.h"
#include "sync/explain.h"

namespace connector::rpc {

void FillExplanation(const sync::Explanation& told,
                     pipedrive_connector::v1::ContactExplanation& out);

grpc::ServerUnaryReactor* ExplainContact(
    grpc::CallbackServerContext& context, const InquiryParts& parts,
    const pipedrive_connector::v1::ExplainContactRequest& request,
    pipedrive_connector::v1::ExplainContactResponse& response);

}  // namespace connector::rpc
