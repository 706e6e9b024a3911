#include "rpc/connector_service.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "rpc/deadline.h"
#include "rpc/pipeline_report_call.h"
#include "rpc/run_messages.h"
#include "rpc/run_stream.h"
#include "rpc/search_call.h"
#include "rpc/search_messages.h"
#include "rpc/stage_call.h"
#include "rpc/status.h"
#include "rpc/webhook_call.h"

namespace connector::rpc {
namespace {

// What a caller without a deadline waits: as long as a call may wait for the rate budget.
constexpr Duration kLongestSearch = std::chrono::minutes(1);
// It may read a deal and a person, and write a contact after a look.
constexpr Duration kLongestMapping = std::chrono::minutes(1);

grpc::ServerUnaryReactor* Refuse(const absl::Status& status, grpc::CallbackServerContext& context) {
  grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
  reactor->Finish(ToGrpc(status, context));
  return reactor;
}

// The run a request is about, and whether it was there before.
struct Target {
  Run run;
  bool joined = false;
};

template <typename Request>
absl::StatusOr<Target> TargetOf(const Request& request, RunKind kind, worker::Runs& runs) {
  if (request.follow_run_id().empty()) {
    CONNECTOR_ASSIGN_OR_RETURN(RunOptions options, ToRunOptions(request));
    CONNECTOR_ASSIGN_OR_RETURN(auto submitted,
                               runs.Submit(request.connection(), kind, std::move(options)));
    return Target{std::move(submitted.run), submitted.joined};
  }
  if (request.mode() != v1::SYNC_MODE_UNSPECIFIED || request.dry_run() || request.has_filter() ||
      request.stop_after_failures() != 0) {
    return absl::InvalidArgumentError(
        "follow_run_id: stands alone; mode, dry_run, filter and stop_after_failures belong to a "
        "new run");
  }
  CONNECTOR_ASSIGN_OR_RETURN(Run run, runs.Get(request.connection(), request.follow_run_id()));
  if (run.kind != kind) {
    return absl::NotFoundError(absl::StrCat("follow_run_id: that run syncs ",
                                            ToAbsl(RunKindName(run.kind)), ", not ",
                                            ToAbsl(RunKindName(kind))));
  }
  return Target{std::move(run), true};
}

// Streams the run that `request` asks for.
template <typename Response, typename Request>
grpc::ServerWriteReactor<Response>* StreamRun(grpc::CallbackServerContext& context,
                                              const Request& request, RunKind kind,
                                              worker::Runs& runs, ProgressHub& hub) {
  const absl::StatusOr<Target> target = TargetOf(request, kind, runs);
  const bool joined = target.ok() && target->joined;
  auto stream = RunStream<Response>::Make(context, hub, joined);
  if (!target.ok()) {
    stream->Fail(target.status());
    return stream.get();
  }
  const Run& run = target->run;
  hub.Watch(stream, run.connection, run.id, run.options.dry_run);
  return stream.get();
}

}  // namespace

grpc::ServerWriteReactor<v1::SyncPersonsResponse>* ConnectorService::SyncPersons(
    grpc::CallbackServerContext* context, const v1::SyncPersonsRequest* request) {
  return StreamRun<v1::SyncPersonsResponse>(*context, *request, RunKind::kPersons, parts_.runs,
                                            hub_);
}

grpc::ServerWriteReactor<v1::SyncDealsResponse>* ConnectorService::SyncDeals(
    grpc::CallbackServerContext* context, const v1::SyncDealsRequest* request) {
  return StreamRun<v1::SyncDealsResponse>(*context, *request, RunKind::kDeals, parts_.runs, hub_);
}

grpc::ServerWriteReactor<v1::SyncOrganizationsResponse>* ConnectorService::SyncOrganizations(
    grpc::CallbackServerContext* context, const v1::SyncOrganizationsRequest* request) {
  return StreamRun<v1::SyncOrganizationsResponse>(*context, *request, RunKind::kOrganizations,
                                                  parts_.runs, hub_);
}

grpc::ServerWriteReactor<v1::SyncActivitiesResponse>* ConnectorService::SyncActivities(
    grpc::CallbackServerContext* context, const v1::SyncActivitiesRequest* request) {
  return StreamRun<v1::SyncActivitiesResponse>(*context, *request, RunKind::kActivities,
                                               parts_.runs, hub_);
}

grpc::ServerWriteReactor<v1::SyncLeadsResponse>* ConnectorService::SyncLeads(
    grpc::CallbackServerContext* context, const v1::SyncLeadsRequest* request) {
  return StreamRun<v1::SyncLeadsResponse>(*context, *request, RunKind::kLeads, parts_.runs, hub_);
}

grpc::ServerUnaryReactor* ConnectorService::SearchItems(grpc::CallbackServerContext* context,
                                                        const v1::SearchItemsRequest* request,
                                                        v1::SearchItemsResponse* response) {
  absl::StatusOr<std::string> connection = parts_.runs.ResolveConnection(request->connection());
  if (!connection.ok()) return Refuse(connection.status(), *context);
  absl::StatusOr<SearchQuery> query = ToSearchQuery(*request, *connection);
  if (!query.ok()) return Refuse(query.status(), *context);
  return SearchCall::Begin(
      {*context, *response, parts_.searches, *std::move(connection), *std::move(query)},
      DeadlineOf(*context, parts_.clock, kLongestSearch));
}

grpc::ServerUnaryReactor* ConnectorService::MapDealStage(grpc::CallbackServerContext* context,
                                                         const v1::MapDealStageRequest* request,
                                                         v1::MapDealStageResponse* response) {
  absl::StatusOr<std::string> connection = parts_.runs.ResolveConnection(request->connection());
  if (!connection.ok()) return Refuse(connection.status(), *context);
  absl::StatusOr<sync::StageQuestion> question = ToStageQuestion(*request);
  if (!question.ok()) return Refuse(question.status(), *context);
  return StageCall::Begin(
      {*context, *response, parts_.stages, *std::move(connection), *std::move(question)},
      DeadlineOf(*context, parts_.clock, kLongestMapping));
}

grpc::ServerUnaryReactor* ConnectorService::ReportPipeline(grpc::CallbackServerContext* context,
                                                           const v1::ReportPipelineRequest* request,
                                                           v1::ReportPipelineResponse* response) {
  return rpc::ReportPipeline(*context, {parts_.runs, parts_.inquiries, parts_.clock}, *request,
                             *response);
}

grpc::ServerUnaryReactor* ConnectorService::HandleWebhook(grpc::CallbackServerContext* context,
                                                          const v1::HandleWebhookRequest* request,
                                                          v1::HandleWebhookResponse* response) {
  return TakeWebhook(*context, parts_.runs, parts_.intake, *request, *response);
}

}  // namespace connector::rpc
