// Verbs whose answers are printed as they come.

#include <ostream>

#include "cli/call.h"
#include "pipedrive_connector/v1/operations.grpc.pb.h"

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

}  // namespace connector::cli
