#pragma once

#include "pipedrive_connector/v1/service.grpc.pb.h"
#include "rpc/progress_hub.h"
#include "rpc/server.h"

namespace connector::rpc {

// The service PipedriveConnector. No RPC owns work that outlives it: each puts a row into
// the store, reads one, or has a pool ask a vendor.
// RPCs not overridden answer UNIMPLEMENTED.
class ConnectorService : public pipedrive_connector::v1::PipedriveConnector::CallbackService {
 public:
  ConnectorService(const Server::Parts& parts, ProgressHub& hub) : parts_(parts), hub_(hub) {}

  grpc::ServerWriteReactor<pipedrive_connector::v1::SyncPersonsResponse>* SyncPersons(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::SyncPersonsRequest* request) override;
  grpc::ServerWriteReactor<pipedrive_connector::v1::SyncDealsResponse>* SyncDeals(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::SyncDealsRequest* request) override;
  grpc::ServerWriteReactor<pipedrive_connector::v1::SyncOrganizationsResponse>* SyncOrganizations(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::SyncOrganizationsRequest* request) override;
  grpc::ServerWriteReactor<pipedrive_connector::v1::SyncActivitiesResponse>* SyncActivities(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::SyncActivitiesRequest* request) override;
  grpc::ServerWriteReactor<pipedrive_connector::v1::SyncLeadsResponse>* SyncLeads(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::SyncLeadsRequest* request) override;

  grpc::ServerUnaryReactor* MapDealStage(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::MapDealStageRequest* request,
      pipedrive_connector::v1::MapDealStageResponse* response) override;

  grpc::ServerUnaryReactor* ReportPipeline(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::ReportPipelineRequest* request,
      pipedrive_connector::v1::ReportPipelineResponse* response) override;

  grpc::ServerUnaryReactor* SearchItems(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::SearchItemsRequest* request,
      pipedrive_connector::v1::SearchItemsResponse* response) override;

  grpc::ServerUnaryReactor* HandleWebhook(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::HandleWebhookRequest* request,
      pipedrive_connector::v1::HandleWebhookResponse* response) override;

 private:
  const Server::Parts parts_;
  ProgressHub& hub_;
};

}  // namespace connector::rpc
