#pragma once

#include "pipedrive_connector/v1/records.grpc.pb.h"
#include "rpc/webhook_calls.h"

namespace connector::rpc {

// The service PipedriveRecords, as far as it goes. RPCs not overridden answer UNIMPLEMENTED.
class RecordsService : public pipedrive_connector::v1::PipedriveRecords::CallbackService {
 public:
  explicit RecordsService(WebhookCalls webhooks) : webhooks_(webhooks) {}

  grpc::ServerUnaryReactor* ListWebhooks(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::ListWebhooksRequest* request,
      pipedrive_connector::v1::ListWebhooksResponse* response) override {
    return webhooks_.List(*context, *request, *response);
  }

 private:
  WebhookCalls webhooks_;
};

}  // namespace connector::rpc
