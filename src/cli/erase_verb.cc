#include <ostream>

#include "absl/strings/ascii.h"
#include "cli/call.h"
#include "cli/table.h"
#include "pipedrive_connector/v1/operations.grpc.pb.h"

namespace connector::cli {
namespace {

namespace v1 = ::pipedrive_connector::v1;

// "not found".
std::string OutcomeName(v1::ErasureOutcome outcome) {
  std::string name = absl::AsciiStrToLower(v1::ErasureOutcome_Name(outcome).substr(16));
  for (char& c : name) c = c == '_' ? ' ' : c;
  return name;
}

}  // namespace

int Erase(const CallScene& scene) {
  const auto stub = v1::Operations::NewStub(scene.channel);
  v1::EraseContactRequest request;
  request.set_connection(scene.arguments.connection);
  request.mutable_key()->set_email(scene.arguments.email);
  request.set_confirm(scene.arguments.confirm);
  grpc::ClientContext context;
  SetDeadline(context, scene.clock);
  v1::EraseContactResponse response;
  const grpc::Status status = stub->EraseContact(&context, request, &response);
  if (!status.ok()) return ReportError(status, scene);
  if (scene.arguments.json) {
    scene.terminal.out << JsonLine(response);
    return 0;
  }
  Table table({"PLACE", "OUTCOME"});
  table.Add({"here", OutcomeName(response.store())});
  table.Add({"Pipedrive", OutcomeName(response.pipedrive())});
  table.Add({"Brevo", OutcomeName(response.brevo())});
  scene.terminal.out << table.Text() << "audit record " << Printable(response.audit_id()) << "\n";
  return 0;
}

}  // namespace connector::cli
