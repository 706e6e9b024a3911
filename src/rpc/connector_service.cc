#include "rpc/connector_service.h"

#include "base/status.h"
#include "rpc/deadline.h"
#include "rpc/run_messages.h"
#include "rpc/run_stream.h"
#include "rpc/search_call.h"
#include "rpc/search_messages.h"

namespace connector::rpc {
namespace {

// What a caller without a deadline waits: as long as a call may wait for the rate budget.
constexpr Duration kLongestSearch = std::chrono::minutes(1);

// The run a request is about, and whether it was there before.
struct Target {
  Run run;
  bool joined = false;
};

absl::StatusOr<Target> TargetOf(const v1::SyncPersonsRequest& request, worker::Runs& runs) {
  if (request.follow_run_id().empty()) {
    CONNECTOR_ASSIGN_OR_RETURN(RunOptions options, ToRunOptions(request));
    CONNECTOR_ASSIGN_OR_RETURN(
        auto submitted, runs.Submit(request.connection(), RunKind::kPersons, std::move(options)));
    return Target{std::move(submitted.run), submitted.joined};
  }
  if (request.mode() != v1::SYNC_MODE_UNSPECIFIED || request.dry_run() || request.has_filter() ||
      request.stop_after_failures() != 0) {
    return absl::InvalidArgumentError(
        "follow_run_id: stands alone; mode, dry_run, filter and stop_after_failures belong to a "
        "new run");
  }
  CONNECTOR_ASSIGN_OR_RETURN(Run run, runs.Get(request.connection(), request.follow_run_id()));
  if (run.kind != RunKind::kPersons) {
    return absl::NotFoundError("follow_run_id: that run syncs " +
                               std::string(RunKindName(run.kind)) + ", not persons");
  }
  return Target{std::move(run), true};
}

}  // namespace

grpc::ServerWriteReactor<v1::SyncPersonsResponse>* ConnectorService::SyncPersons(
    grpc::CallbackServerContext* context, const v1::SyncPersonsRequest* request) {
  const absl::StatusOr<Target> target = TargetOf(*request, runs_);
  const bool joined = target.ok() && target->joined;
  auto stream = RunStream<v1::SyncPersonsResponse>::Make(*context, hub_, joined);
  if (!target.ok()) {
    stream->Fail(target.status());
    return stream.get();
  }
  const Run& run = target->run;
  hub_.Watch(stream, run.connection, run.id, run.options.dry_run);
  return stream.get();
}

grpc::ServerUnaryReactor* ConnectorService::SearchItems(grpc::CallbackServerContext* context,
                                                        const v1::SearchItemsRequest* request,
                                                        v1::SearchItemsResponse* response) {
  const auto refuse = [context](const absl::Status& status) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(ToGrpc(status, *context));
    return reactor;
  };
  absl::StatusOr<std::string> connection = runs_.ResolveConnection(request->connection());
  if (!connection.ok()) return refuse(connection.status());
  absl::StatusOr<SearchQuery> query = ToSearchQuery(*request, *connection);
  if (!query.ok()) return refuse(query.status());
  return SearchCall::Begin(
      {*context, *response, searches_, *std::move(connection), *std::move(query)},
      DeadlineOf(*context, clock_, kLongestSearch));
}

}  // namespace connector::rpc
