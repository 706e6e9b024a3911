#include <algorithm>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/call.h"
#include "cli/table.h"
#include "pipedrive_connector/v1/operations.grpc.pb.h"

namespace connector::cli {
namespace {

namespace v1 = ::pipedrive_connector::v1;

constexpr int kLargestPage = 500;

}  // namespace

int DuplicatesList(const CallScene& scene) {
  const auto stub = v1::Operations::NewStub(scene.channel);
  v1::ListDuplicatesRequest request;
  request.set_connection(scene.arguments.connection);
  Table table({"EMAIL", "PERSONS"});
  int left = scene.arguments.limit;
  do {
    request.set_page_size(std::min(left, kLargestPage));
    grpc::ClientContext context;
    SetDeadline(context, scene.clock);
    v1::ListDuplicatesResponse response;
    const grpc::Status status = stub->ListDuplicates(&context, request, &response);
    if (!status.ok()) return ReportError(status, scene);
    for (const v1::DuplicateGroup& group : response.groups()) {
      if (left-- <= 0) break;
      if (scene.arguments.json) {
        scene.terminal.out << JsonLine(group);
      } else {
        table.Add({Printable(group.email()), absl::StrJoin(group.person_ids(), " ")});
      }
    }
    request.set_page_token(response.next_page_token());
  } while (left > 0 && !request.page_token().empty());
  if (!scene.arguments.json) scene.terminal.out << table.Text();
  return 0;
}

int DuplicatesMerge(const CallScene& scene) {
  const auto stub = v1::Operations::NewStub(scene.channel);
  v1::MergeDuplicatesRequest request;
  request.set_connection(scene.arguments.connection);
  request.set_keep_person_id(scene.arguments.id);
  for (const int64_t id : scene.arguments.ids) request.add_merge_person_ids(id);
  request.set_confirm(scene.arguments.confirm);
  grpc::ClientContext context;
  SetDeadline(context, scene.clock);
  v1::MergeDuplicatesResponse response;
  const grpc::Status status = stub->MergeDuplicates(&context, request, &response);
  if (!status.ok()) return ReportError(status, scene);
  if (scene.arguments.json) {
    scene.terminal.out << JsonLine(response);
  } else {
    for (const int64_t id : response.merged_person_ids()) {
      scene.terminal.out << "person " << id << " is merged into " << scene.arguments.id << "\n";
    }
  }
  for (const v1::Failure& failure : response.failures()) {
    scene.terminal.err << "person " << Printable(failure.record_id())
                       << " is not merged: " << Printable(failure.detail()) << "\n";
  }
  return response.failures().empty() ? 0 : 1;
}

}  // namespace connector::cli
