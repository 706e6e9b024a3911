#pragma once

#include <functional>
#include <utility>

#include "model/service_status.h"
#include "pipedrive_connector/v1/operations.grpc.pb.h"
#include "rpc/inquiry_call.h"
#include "rpc/progress_hub.h"
#include "rpc/webhook_calls.h"
#include "sync/records.h"
#include "worker/failure_retries.h"
#include "worker/runs.h"

namespace connector::rpc {

// The service Operations, as far as runs, failures, webhooks, contacts and the status go. RPCs not
// overridden answer UNIMPLEMENTED.
class OperationsService : public pipedrive_connector::v1::Operations::CallbackService {
 public:
  OperationsService(worker::Runs& runs, worker::FailureRetries& retries, ProgressHub& hub,
                    WebhookCalls webhooks, InquiryParts inquiry, sync::Records& records,
                    std::function<ServiceStatus()> status)
      : runs_(runs),
        retries_(retries),
        hub_(hub),
        webhooks_(webhooks),
        inquiry_(inquiry),
        records_(records),
        status_(std::move(status)) {}

  grpc::ServerUnaryReactor* ListRuns(grpc::CallbackServerContext* context,
                                     const pipedrive_connector::v1::ListRunsRequest* request,
                                     pipedrive_connector::v1::ListRunsResponse* response) override;
  grpc::ServerUnaryReactor* GetRun(grpc::CallbackServerContext* context,
                                   const pipedrive_connector::v1::GetRunRequest* request,
                                   pipedrive_connector::v1::GetRunResponse* response) override;
  grpc::ServerWriteReactor<pipedrive_connector::v1::WatchRunResponse>* WatchRun(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::WatchRunRequest* request) override;
  grpc::ServerUnaryReactor* CancelRun(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::CancelRunRequest* request,
      pipedrive_connector::v1::CancelRunResponse* response) override;
  grpc::ServerUnaryReactor* ListFailures(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::ListFailuresRequest* request,
      pipedrive_connector::v1::ListFailuresResponse* response) override;
  grpc::ServerUnaryReactor* GetStatus(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::GetStatusRequest* request,
      pipedrive_connector::v1::GetStatusResponse* response) override;
  grpc::ServerUnaryReactor* EnsureWebhooks(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::EnsureWebhooksRequest* request,
      pipedrive_connector::v1::EnsureWebhooksResponse* response) override;

  grpc::ServerUnaryReactor* RetryFailures(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::RetryFailuresRequest* request,
      pipedrive_connector::v1::RetryFailuresResponse* response) override;

  grpc::ServerUnaryReactor* ExplainContact(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::ExplainContactRequest* request,
      pipedrive_connector::v1::ExplainContactResponse* response) override;
  grpc::ServerWriteReactor<pipedrive_connector::v1::ReconcileReportResponse>* ReconcileReport(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::ReconcileReportRequest* request) override;
  grpc::ServerUnaryReactor* EraseContact(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::EraseContactRequest* request,
      pipedrive_connector::v1::EraseContactResponse* response) override;
  grpc::ServerUnaryReactor* ExportContact(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::ExportContactRequest* request,
      pipedrive_connector::v1::ExportContactResponse* response) override;
  grpc::ServerUnaryReactor* ListDuplicates(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::ListDuplicatesRequest* request,
      pipedrive_connector::v1::ListDuplicatesResponse* response) override;
  grpc::ServerUnaryReactor* MergeDuplicates(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::MergeDuplicatesRequest* request,
      pipedrive_connector::v1::MergeDuplicatesResponse* response) override;

 private:
  worker::Runs& runs_;
  worker::FailureRetries& retries_;
  ProgressHub& hub_;
  WebhookCalls webhooks_;
  const InquiryParts inquiry_;
  sync::Records& records_;
  const std::function<ServiceStatus()> status_;
};

}  // namespace connector::rpc
