#include "rpc/operations_service.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "google/protobuf/util/time_util.h"
#include "rpc/duplicates_call.h"
#include "rpc/erase_call.h"
#include "rpc/explain_call.h"
#include "rpc/export_call.h"
#include "rpc/report_call.h"
#include "rpc/run_messages.h"
#include "rpc/run_stream.h"
#include "rpc/status.h"
#include "rpc/status_call.h"

namespace connector::rpc {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kLargestPage = 500;
// Runs older than 30 days are gone; a list is filtered from so many of the newest.
constexpr int kRunsListed = 5000;

absl::StatusOr<int> PageSize(int32_t asked) {
  if (asked < 0) return absl::InvalidArgumentError("page_size: must not be negative");
  return asked == 0 ? kDefaultPage : std::min<int>(asked, kLargestPage);
}

absl::StatusOr<int64_t> PageToken(const std::string& token) {
  int64_t value = 0;
  if (!token.empty() && (!absl::SimpleAtoi(token, &value) || value < 0)) {
    return absl::InvalidArgumentError("page_token: not one of this service's");
  }
  return value;
}

grpc::ServerUnaryReactor* Reply(grpc::CallbackServerContext& context, const absl::Status& status) {
  grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
  reactor->Finish(ToGrpc(status, context));
  return reactor;
}

template <typename Values, typename Value>
bool Wanted(const Values& values, Value value) {
  return values.empty() || std::find(values.begin(), values.end(), value) != values.end();
}

absl::Status FillRuns(worker::Runs& runs, const v1::ListRunsRequest& request,
                      v1::ListRunsResponse& response) {
  CONNECTOR_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
  CONNECTOR_ASSIGN_OR_RETURN(const int64_t skip, PageToken(request.page_token()));
  CONNECTOR_ASSIGN_OR_RETURN(const auto all, runs.List(request.connection(), kRunsListed));
  int64_t matching = 0;
  for (const Run& run : all) {
    const v1::RunProgress progress = ToProto(run);
    if (!Wanted(request.kinds(), progress.kind()) || !Wanted(request.states(), progress.state())) {
      continue;
    }
    if (matching++ < skip) continue;
    if (response.runs_size() == size) {
      response.set_next_page_token(absl::StrCat(skip + size));
      break;
    }
    *response.add_runs() = progress;
  }
  return absl::OkStatus();
}

bool Matches(const v1::FailureFilter& filter, const v1::Failure& failure) {
  return Wanted(filter.failure_ids(), failure.failure_id()) &&
         Wanted(filter.reasons(), failure.reason()) && Wanted(filter.kinds(), failure.kind()) &&
         (filter.record_id().empty() || filter.record_id() == failure.record_id()) &&
         (!filter.has_since() || failure.last_failed_at() >= filter.since());
}

// The store pages by id; what the filter leaves out is read over. One match more than the page
// holds is looked for, so that the last page names no next one.
absl::Status FillFailures(worker::Runs& runs, const v1::ListFailuresRequest& request,
                          v1::ListFailuresResponse& response) {
  CONNECTOR_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
  CONNECTOR_ASSIGN_OR_RETURN(int64_t before, PageToken(request.page_token()));
  while (true) {
    CONNECTOR_ASSIGN_OR_RETURN(
        const auto page,
        runs.ListFailures(request.connection(), request.filter().run_id(), before, kLargestPage));
    if (page.empty()) return absl::OkStatus();
    for (const Failure& failure : page) {
      before = failure.id;
      v1::Failure message = ToProto(failure);
      if (!Matches(request.filter(), message)) continue;
      if (response.failures_size() == size) {
        response.set_next_page_token(response.failures(size - 1).failure_id());
        return absl::OkStatus();
      }
      *response.add_failures() = std::move(message);
    }
  }
}

}  // namespace

grpc::ServerUnaryReactor* OperationsService::ListRuns(grpc::CallbackServerContext* context,
                                                      const v1::ListRunsRequest* request,
                                                      v1::ListRunsResponse* response) {
  return Reply(*context, FillRuns(runs_, *request, *response));
}

grpc::ServerUnaryReactor* OperationsService::GetRun(grpc::CallbackServerContext* context,
                                                    const v1::GetRunRequest* request,
                                                    v1::GetRunResponse* response) {
  const absl::StatusOr<Run> run = runs_.Get(request->connection(), request->run_id());
  if (run.ok()) *response->mutable_progress() = ToProto(*run);
  return Reply(*context, run.status());
}

grpc::ServerWriteReactor<v1::WatchRunResponse>* OperationsService::WatchRun(
    grpc::CallbackServerContext* context, const v1::WatchRunRequest* request) {
  auto stream = RunStream<v1::WatchRunResponse>::Make(*context, hub_, /*joined_existing=*/true);
  const absl::StatusOr<Run> run = runs_.Get(request->connection(), request->run_id());
  if (run.ok()) {
    hub_.Watch(stream, run->connection, run->id, /*with_plan=*/false);
  } else {
    stream->Fail(run.status());
  }
  return stream.get();
}

grpc::ServerUnaryReactor* OperationsService::CancelRun(grpc::CallbackServerContext* context,
                                                       const v1::CancelRunRequest* request,
                                                       v1::CancelRunResponse* response) {
  const absl::StatusOr<Run> run = runs_.Cancel(request->connection(), request->run_id());
  if (run.ok()) *response->mutable_progress() = ToProto(*run);
  return Reply(*context, run.status());
}

grpc::ServerUnaryReactor* OperationsService::ListFailures(grpc::CallbackServerContext* context,
                                                          const v1::ListFailuresRequest* request,
                                                          v1::ListFailuresResponse* response) {
  return Reply(*context, FillFailures(runs_, *request, *response));
}

grpc::ServerUnaryReactor* OperationsService::RetryFailures(grpc::CallbackServerContext* context,
                                                           const v1::RetryFailuresRequest* request,
                                                           v1::RetryFailuresResponse* response) {
  const absl::StatusOr<std::string> connection = runs_.ResolveConnection(request->connection());
  if (!connection.ok()) return Reply(*context, connection.status());
  const v1::FailureFilter& filter = request->filter();
  const absl::StatusOr<int64_t> retried = retries_.Retry(
      *connection, filter.run_id(),
      [&filter](const Failure& failure) { return Matches(filter, ToProto(failure)); });
  if (retried.ok()) response->set_retried(*retried);
  return Reply(*context, retried.status());
}

grpc::ServerUnaryReactor* OperationsService::GetStatus(grpc::CallbackServerContext* context,
                                                       const v1::GetStatusRequest* request,
                                                       v1::GetStatusResponse* response) {
  if (!status_) return Reply(*context, absl::UnimplementedError("no status here"));
  absl::StatusOr<v1::ServiceStatus> status = ToProto(status_(), request->connection());
  if (status.ok()) *response->mutable_status() = *std::move(status);
  return Reply(*context, status.status());
}

grpc::ServerUnaryReactor* OperationsService::EnsureWebhooks(
    grpc::CallbackServerContext* context, const v1::EnsureWebhooksRequest* request,
    v1::EnsureWebhooksResponse* response) {
  return webhooks_.Ensure(*context, *request, *response);
}

grpc::ServerUnaryReactor* OperationsService::ExplainContact(
    grpc::CallbackServerContext* context, const v1::ExplainContactRequest* request,
    v1::ExplainContactResponse* response) {
  return rpc::ExplainContact(*context, inquiry_, *request, *response);
}

grpc::ServerWriteReactor<v1::ReconcileReportResponse>* OperationsService::ReconcileReport(
    grpc::CallbackServerContext* context, const v1::ReconcileReportRequest* request) {
  return rpc::ReconcileReport(*context, inquiry_, *request);
}

grpc::ServerUnaryReactor* OperationsService::EraseContact(grpc::CallbackServerContext* context,
                                                          const v1::EraseContactRequest* request,
                                                          v1::EraseContactResponse* response) {
  return rpc::EraseContact(*context, inquiry_, *request, *response);
}

grpc::ServerUnaryReactor* OperationsService::ExportContact(grpc::CallbackServerContext* context,
                                                           const v1::ExportContactRequest* request,
                                                           v1::ExportContactResponse* response) {
  return rpc::ExportContact(*context, inquiry_, records_, *request, *response);
}

grpc::ServerUnaryReactor* OperationsService::ListDuplicates(
    grpc::CallbackServerContext* context, const v1::ListDuplicatesRequest* request,
    v1::ListDuplicatesResponse* response) {
  return rpc::ListDuplicates(*context, inquiry_, *request, *response);
}

grpc::ServerUnaryReactor* OperationsService::MergeDuplicates(
    grpc::CallbackServerContext* context, const v1::MergeDuplicatesRequest* request,
    v1::MergeDuplicatesResponse* response) {
  return rpc::MergeDuplicates(*context, inquiry_, *request, *response);
}

}  // namespace connector::rpc
