#pragma once

#include "pipedrive_connector/v1/service.grpc.pb.h"
#include "rpc/progress_hub.h"
#include "worker/runs.h"

namespace connector::rpc {

// The service PipedriveConnector. No RPC owns work: each puts a row into the store or reads one.
// RPCs not overridden answer UNIMPLEMENTED.
class ConnectorService : public pipedrive_connector::v1::PipedriveConnector::CallbackService {
 public:
  ConnectorService(worker::Runs& runs, ProgressHub& hub) : runs_(runs), hub_(hub) {}

  grpc::ServerWriteReactor<pipedrive_connector::v1::SyncPersonsResponse>* SyncPersons(
      grpc::CallbackServerContext* context,
      const pipedrive_connector::v1::SyncPersonsRequest* request) override;

 private:
  worker::Runs& runs_;
  ProgressHub& hub_;
};

}  // namespace connector::rpc
