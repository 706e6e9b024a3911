#include <ostream>

#include "cli/call.h"
#include "pipedrive_connector/v1/operations.grpc.pb.h"

namespace connector::cli {

// It is JSON with and without --json: there is nothing to lay out for people.
int Export(const CallScene& scene) {
  namespace v1 = ::pipedrive_connector::v1;
  const auto stub = v1::Operations::NewStub(scene.channel);
  v1::ExportContactRequest request;
  request.set_connection(scene.arguments.connection);
  if (scene.arguments.id != 0) {
    request.mutable_key()->set_person_id(scene.arguments.id);
  } else {
    request.mutable_key()->set_email(scene.arguments.email);
  }
  grpc::ClientContext context;
  SetDeadline(context, scene.clock);
  v1::ExportContactResponse response;
  const grpc::Status status = stub->ExportContact(&context, request, &response);
  if (!status.ok()) return ReportError(status, scene);
  scene.terminal.out << JsonLine(response);
  return 0;
}

}  // namespace connector::cli
