#pragma once

#include "pipedrive_connector/v1/service.grpc.pb.h"
#include "rpc/progress_hub.h"
#include "worker/runs.h"
#include "worker/searches.h"
#include "worker/stages.h"

namespace connector::rpc {

// The service PipedriveConnector. No RPC owns work that outlives it: each puts a row into
// the store, reads one, or has a pool ask a vendor.
// RPCs not overridden answer UNIMPLEMENTED.
class ConnectorService : public pipedrive_connector::v1::PipedriveConnector::CallbackService {
 public:
  ConnectorService(worker::Runs& runs, worker::Searches& searches, worker::Stages& stages,
                   ProgressHub& hub, Clock& clock)
      : runs_(runs), searches_(searches), stages_(stages), hub_(hub), clock_(clock) {}

  grpc::ServerWriteReactor<pipedrive_connector::v1::SyncPersonsResponse>* SyncPersons(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::SyncPersonsRequest* request) override;
  grpc::ServerWriteReactor<pipedrive_connector::v1::SyncDealsResponse>* SyncDeals(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::SyncDealsRequest* request) override;

  grpc::ServerUnaryReactor* MapDealStage(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::MapDealStageRequest* request,
      pipedrive_connector::v1::MapDealStageResponse* response) override;

  grpc::ServerUnaryReactor* SearchItems(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::SearchItemsRequest* request,
      pipedrive_connector::v1::SearchItemsResponse* response) override;

 private:
  worker::Runs& runs_;
  worker::Searches& searches_;
  worker::Stages& stages_;
  ProgressHub& hub_;
  Clock& clock_;
};

}  // namespace connector::rpc
