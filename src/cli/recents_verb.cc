#include <algorithm>
#include <ostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/call.h"
#include "cli/table.h"
#include "pipedrive_connector/v1/records.grpc.pb.h"

namespace connector::cli {
namespace {

namespace v1 = ::pipedrive_connector::v1;

// Pipedrive's own limit of a page of records.
constexpr int kLargestPage = 500;

std::vector<std::string> Row(const v1::RecentChange& change) {
  switch (change.record_case()) {
    case v1::RecentChange::kPerson:
      return {"person", absl::StrCat(change.person().id()), Printable(change.person().name())};
    case v1::RecentChange::kDeal:
      return {"deal", absl::StrCat(change.deal().id()), Printable(change.deal().title())};
    case v1::RecentChange::kOrganization:
      return {"organization", absl::StrCat(change.organization().id()),
              Printable(change.organization().name())};
    case v1::RecentChange::kActivity:
      return {"activity", absl::StrCat(change.activity().id()),
              Printable(change.activity().subject())};
    case v1::RecentChange::kLead:
      return {"lead", Printable(change.lead().id()), Printable(change.lead().title())};
    case v1::RecentChange::RECORD_NOT_SET:
      break;
  }
  return {"other", "", ""};
}

}  // namespace

int Recents(const CallScene& scene) {
  const auto stub = v1::PipedriveRecords::NewStub(scene.channel);
  v1::ListRecentsRequest request;
  request.set_connection(scene.arguments.connection);
  request.set_page_size(std::min(scene.arguments.limit, kLargestPage));
  const grpc::Status read = ReadTime("--since", scene.arguments.since, *request.mutable_since());
  if (!read.ok()) return ReportError(read, scene);
  Table table({"KIND", "ID", "NAME"});
  int left = scene.arguments.limit;
  do {
    grpc::ClientContext context;
    SetDeadline(context, scene.clock);
    v1::ListRecentsResponse response;
    const grpc::Status status = stub->ListRecents(&context, request, &response);
    if (!status.ok()) return ReportError(status, scene);
    for (const v1::RecentChange& change : response.changes()) {
      if (left-- <= 0) break;
      if (scene.arguments.json) scene.terminal.out << JsonLine(change);
      table.Add(Row(change));
    }
    request.set_page_token(response.next_page_token());
  } while (left > 0 && !request.page_token().empty());
  if (scene.arguments.json) return 0;
  scene.terminal.out << (left < scene.arguments.limit ? table.Text() : "nothing changed\n");
  return 0;
}

}  // namespace connector::cli
