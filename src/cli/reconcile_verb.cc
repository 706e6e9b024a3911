#include <ostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/call.h"
#include "cli/table.h"
#include "pipedrive_connector/v1/operations.grpc.pb.h"

namespace connector::cli {
namespace {

namespace v1 = ::pipedrive_connector::v1;

// A walk through all contacts.
constexpr Duration kReportDeadline = std::chrono::minutes(10);

// "different value".
std::string KindName(v1::ReconcileKind kind) {
  std::string name = absl::AsciiStrToLower(v1::ReconcileKind_Name(kind).substr(15));
  for (char& c : name) c = c == '_' ? ' ' : c;
  return name;
}

void Print(const v1::ReconcilePart& part, std::ostream& out) {
  if (part.list_id() == 0) {
    out << "persons and contacts";
  } else {
    out << "list " << part.list_id() << " " << Printable(part.list_name());
  }
  out << ": " << Grouped(part.wanted()) << " wanted, " << Grouped(part.actual()) << " there\n";
  for (const v1::ReconcileDifference& difference : part.differences()) {
    out << "  " << KindName(difference.kind()) << ": " << Grouped(difference.count()) << "\n";
    Table table;
    for (const v1::ReconcileExample& example : difference.examples()) {
      table.Add({example.person_id() == 0 ? "-" : absl::StrCat(example.person_id()),
                 Printable(example.email()), Printable(example.detail())});
    }
    out << table.Text("    ");
  }
}

}  // namespace

int Reconcile(const CallScene& scene) {
  const auto stub = v1::Operations::NewStub(scene.channel);
  v1::ReconcileReportRequest request;
  request.set_connection(scene.arguments.connection);
  request.set_max_examples(scene.arguments.examples);
  for (const int64_t list : scene.arguments.list_ids) request.add_list_ids(list);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::time_point_cast<std::chrono::system_clock::duration>(
      scene.clock.Now() + kReportDeadline));
  const auto reader = stub->ReconcileReport(&context, request);
  v1::ReconcileReportResponse response;
  while (reader->Read(&response)) {
    if (scene.arguments.json) {
      scene.terminal.out << JsonLine(response);
    } else {
      Print(response.part(), scene.terminal.out);
    }
  }
  const grpc::Status status = reader->Finish();
  return status.ok() ? 0 : ReportError(status, scene);
}

}  // namespace connector::cli
