#include <ostream>

#include "absl/strings/str_cat.h"
#include "cli/call.h"
#include "cli/table.h"
#include "pipedrive_connector/v1/service.grpc.pb.h"

namespace connector::cli {
namespace {

namespace v1 = ::pipedrive_connector::v1;

template <typename Reasons>
void AddRows(Table& table, const char* what, const Reasons& reasons) {
  for (const v1::ListReason& reason : reasons) {
    table.Add({what, absl::StrCat(reason.list_id()), Printable(reason.name()),
               Printable(reason.reason())});
  }
}

std::string Lists(const v1::MapDealStageResponse& response, bool dry_run) {
  Table table({"CHANGE", "LIST", "FOR", "REASON"});
  AddRows(table, dry_run ? "would join" : "joined", response.lists_joined());
  AddRows(table, dry_run ? "would leave" : "left", response.lists_left());
  AddRows(table, "stays on", response.lists_kept());
  AddRows(table, "withheld", response.lists_withheld());
  const bool any = !response.lists_joined().empty() || !response.lists_left().empty() ||
                   !response.lists_kept().empty() || !response.lists_withheld().empty();
  return any ? table.Text() : "no list is wanted\n";
}

}  // namespace

int MapStage(const CallScene& scene) {
  const auto stub = v1::PipedriveConnector::NewStub(scene.channel);
  v1::MapDealStageRequest request;
  request.set_connection(scene.arguments.connection);
  request.set_deal_id(scene.arguments.id);
  request.set_dry_run(scene.arguments.dry_run);
  grpc::ClientContext context;
  SetDeadline(context, scene.clock);
  v1::MapDealStageResponse response;
  const grpc::Status status = stub->MapDealStage(&context, request, &response);
  if (!status.ok()) return ReportError(status, scene);
  if (scene.arguments.json) {
    scene.terminal.out << JsonLine(response);
    return 0;
  }
  for (const std::string& warning : response.warnings()) {
    scene.terminal.err << "warning: " << Printable(warning) << "\n";
  }
  // Without a contact the warnings have said why.
  if (response.email().empty() && !response.applied() && response.lists_kept().empty() &&
      response.lists_joined().empty()) {
    return 0;
  }
  scene.terminal.out << "deal " << scene.arguments.id << ", person " << response.person_id();
  if (!response.email().empty()) scene.terminal.out << ", " << Printable(response.email());
  scene.terminal.out << (response.applied()        ? ": written"
                         : scene.arguments.dry_run ? ": nothing is written in a dry run"
                                                   : ": nothing had to be written")
                     << "\n"
                     << Lists(response, scene.arguments.dry_run);
  return 0;
}

}  // namespace connector::cli
