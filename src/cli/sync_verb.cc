#include <atomic>
#include <ostream>
#include <string>

#include "cli/call.h"
#include "cli/watch.h"
#include "pipedrive_connector/v1/operations.grpc.pb.h"
#include "pipedrive_connector/v1/service.grpc.pb.h"

namespace connector::cli {
namespace {

// What the requests of all kinds have in common; false if the run to follow is all there is to say.
template <typename Request>
bool FillCommon(const Arguments& arguments, Request& request) {
  request.set_connection(arguments.connection);
  request.set_follow_run_id(arguments.follow_run_id);
  if (!arguments.follow_run_id.empty()) return false;
  if (arguments.full) request.set_mode(v1::SYNC_MODE_FULL);
  request.set_dry_run(arguments.dry_run);
  request.set_stop_after_failures(arguments.stop_after_failures);
  return true;
}

v1::SyncPersonsRequest MakePersonsRequest(const Arguments& arguments) {
  v1::SyncPersonsRequest request;
  if (!FillCommon(arguments, request)) return request;
  request.set_confirm_sweep(arguments.confirm_sweep);
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

// Of the kinds that only Pipedrive has.
template <typename Request>
Request MakeRecordsRequest(const Arguments& arguments) {
  Request request;
  if (!FillCommon(arguments, request)) return request;
  if (arguments.filter_id > 0) {
    request.mutable_filter()->set_filter_id(arguments.filter_id);
    return request;
  }
  for (const int64_t id : arguments.ids) {
    request.mutable_filter()->mutable_record_ids()->add_ids(std::to_string(id));
  }
  for (const std::string& id : arguments.lead_ids) {
    request.mutable_filter()->mutable_record_ids()->add_ids(id);
  }
  return request;
}

// Shows the stream of a run, with what a dry run would write.
template <typename Response, typename Reader>
int FollowRun(const CallScene& scene, grpc::ClientContext& context, Reader& reader) {
  return Follow<Response>(scene, context, reader, scene.arguments.detach,
                          [&scene](ProgressView& view, const Response& message) {
                            if (scene.arguments.json)
                              scene.terminal.out << JsonLine(message) << std::flush;
                            for (const v1::PlannedChange& change : message.planned_changes())
                              view.ShowPlanned(change);
                            view.Show(message.progress());
                          });
}

}  // namespace

int SyncPersons(const CallScene& scene) {
  const auto stub = v1::PipedriveConnector::NewStub(scene.channel);
  grpc::ClientContext context;
  const auto reader = stub->SyncPersons(&context, MakePersonsRequest(scene.arguments));
  return FollowRun<v1::SyncPersonsResponse>(scene, context, *reader);
}

int SyncDeals(const CallScene& scene) {
  const auto stub = v1::PipedriveConnector::NewStub(scene.channel);
  grpc::ClientContext context;
  const auto reader =
      stub->SyncDeals(&context, MakeRecordsRequest<v1::SyncDealsRequest>(scene.arguments));
  return FollowRun<v1::SyncDealsResponse>(scene, context, *reader);
}

int SyncOrganizations(const CallScene& scene) {
  const auto stub = v1::PipedriveConnector::NewStub(scene.channel);
  grpc::ClientContext context;
  const auto reader = stub->SyncOrganizations(
      &context, MakeRecordsRequest<v1::SyncOrganizationsRequest>(scene.arguments));
  return FollowRun<v1::SyncOrganizationsResponse>(scene, context, *reader);
}

int SyncActivities(const CallScene& scene) {
  const auto stub = v1::PipedriveConnector::NewStub(scene.channel);
  grpc::ClientContext context;
  const auto reader = stub->SyncActivities(
      &context, MakeRecordsRequest<v1::SyncActivitiesRequest>(scene.arguments));
  return FollowRun<v1::SyncActivitiesResponse>(scene, context, *reader);
}

int SyncLeads(const CallScene& scene) {
  const auto stub = v1::PipedriveConnector::NewStub(scene.channel);
  grpc::ClientContext context;
  const auto reader =
      stub->SyncLeads(&context, MakeRecordsRequest<v1::SyncLeadsRequest>(scene.arguments));
  return FollowRun<v1::SyncLeadsResponse>(scene, context, *reader);
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
