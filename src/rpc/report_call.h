#pragma once

#include <grpcpp/grpcpp.h>

#include "pipedrive_connector/v1/operations.pb.h"
#include "rpc/inquiry_call.h"
#include "sync/reconcile_report.h"

namespace connector::rpc {

void FillPart(const sync::ReportPart& part, pipedrive_connector::v1::ReconcilePart& out);

grpc::ServerWriteReactor<pipedrive_connector::v1::ReconcileReportResponse>* ReconcileReport(
    grpc::CallbackServerContext& context, const InquiryParts& parts,
    const pipedrive_connector::v1::ReconcileReportRequest& request);

}  // namespace connector::rpc
