#include <atomic>
#include <ostream>

#include "cli/call.h"
#include "cli/watch.h"
#include "pipedrive_connector/v1/operations.grpc.pb.h"
#include "pipedrive_connector/v1/service.grpc.pb.h"

namespace connector::cli {
namespace {

v1::SyncPersonsRequest MakeRequest(const Arguments& arguments) {
  v1::SyncPersonsRequest request;
  request.set_connection(arguments.connection);
  if (!arguments.follow_run_id.empty()) {
    request.set_follow_run_id(arguments.follow_run_id);
    return request;
  }
  if (arguments.full) request.set_mode(v1::SYNC_MODE_FULL);
  request.set_dry_run(arguments.dry_run);
  request.set_stop_after_failures(arguments.stop_after_failures);
  if (arguments.filter_id > 0) {
    request.mutable_filter()->set_filter_id(arguments.filter_id);
  } else if (arguments.list_id > 0) {
    request.mutable_filter()->set_brevo_list_id(arguments.list_id);
  } else if (!arguments.ids.empty()) {
    for (int64_t id : arguments.ids) {
      request.mutable_filter()->mutable_person_ids()->add_ids(id);
    }
  }
  return request;
}

}  // namespace

int SyncPersons(const CallScene& scene) {
  const auto stub = v1::PipedriveConnector::NewStub(scene.channel);
  grpc::ClientContext context;
  const auto reader = stub->SyncPersons(&context, MakeRequest(scene.arguments));
  return Follow<v1::SyncPersonsResponse>(
      scene, context, *reader, scene.arguments.detach,
      [&scene](ProgressView& view, const v1::SyncPersonsResponse& message) {
        if (scene.arguments.json) scene.terminal.out << JsonLine(message) << std::flush;
        for (const v1::PlannedChange& change : message.planned_changes()) view.ShowPlanned(change);
        view.Show(message.progress());
      });
}

int RunsWatch(const CallScene& scene) {
  const auto stub = v1::Operations::NewStub(scene.channel);
  grpc::ClientContext context;
  v1::WatchRunRequest request;
  request.set_connection(scene.arguments.connection);
  request.set_run_id(scene.arguments.run_id);
  const auto reader = stub->WatchRun(&context, request);
  return Follow<v1::WatchRunResponse>(
      scene, context, *reader, false,
      [&scene](ProgressView& view, const v1::WatchRunResponse& message) {
        if (scene.arguments.json) scene.terminal.out << JsonLine(message) << std::flush;
        view.Show(message.progress());
      });
}

}  // namespace connector::cli
