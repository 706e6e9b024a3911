// Verbs whose answers are printed as they come.

#include <ostream>

#include "cli/call.h"
#include "pipedrive_connector/v1/operations.grpc.pb.h"
#include "pipedrive_connector/v1/service.grpc.pb.h"

namespace connector::cli {
namespace {

namespace v1 = ::pipedrive_connector::v1;

// Makes one call and prints its answer.
template <typename Stub, typename Request, typename Response>
int CallAndPrint(const CallScene& scene, Stub& stub,
                 grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                 Request request) {
  request.set_connection(scene.arguments.connection);
  grpc::ClientContext context;
  SetDeadline(context, scene.clock);
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return ReportError(status, scene);
  scene.terminal.out << (scene.arguments.json ? JsonLine(response) : JsonText(response));
  return 0;
}

}  // namespace

int FailuresRetry(const CallScene& scene) {
  const auto stub = v1::Operations::NewStub(scene.channel);
  v1::RetryFailuresRequest request;
  request.mutable_filter()->set_run_id(scene.arguments.run_id);
  return CallAndPrint(scene, *stub, &v1::Operations::Stub::RetryFailures, request);
}

int ReportPipeline(const CallScene& scene) {
  const auto stub = v1::PipedriveConnector::NewStub(scene.channel);
  v1::ReportPipelineRequest request;
  request.set_connection(scene.arguments.connection);
  for (int64_t id : scene.arguments.pipeline_ids) request.add_pipeline_ids(id);
  request.set_include_csv(scene.arguments.csv);
  if (!scene.arguments.csv || scene.arguments.json) {
    return CallAndPrint(scene, *stub, &v1::PipedriveConnector::Stub::ReportPipeline, request);
  }
  grpc::ClientContext context;
  SetDeadline(context, scene.clock);
  v1::ReportPipelineResponse response;
  const grpc::Status status = stub->ReportPipeline(&context, request, &response);
  if (!status.ok()) return ReportError(status, scene);
  scene.terminal.out << response.csv();
  return 0;
}

}  // namespace connector::cli
