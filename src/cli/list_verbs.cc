#include <algorithm>
#include <ostream>

#include "cli/call.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "pipedrive_connector/v1/operations.grpc.pb.h"

namespace connector::cli {
namespace {

constexpr int kMaxPage = 500;

// Reads pages until there are `limit` rows or no more. `call` fills the response for a page size
// and token; `take` uses it and returns how many rows it had.
template <typename Response, typename Call, typename Take>
grpc::Status ReadPages(const CallScene& scene, Call call, Take take) {
  int left = scene.arguments.limit;
  std::string token;
  do {
    grpc::ClientContext context;
    SetDeadline(context, scene.clock);
    Response response;
    grpc::Status status = call(context, std::min(left, kMaxPage), token, response);
    if (!status.ok()) return status;
    left -= take(response);
    token = response.next_page_token();
  } while (left > 0 && !token.empty());
  return grpc::Status::OK;
}

int64_t CountFailed(const v1::RunProgress& run) {
  int64_t sum = 0;
  for (const v1::FailureCount& count : run.failed()) sum += count.count();
  return sum;
}

std::vector<std::string> RunRow(const v1::RunProgress& run) {
  const double seconds = DurationSeconds(run);
  return {run.run_id(),
          run.dry_run() ? Name(run.kind()) + " (dry)" : Name(run.kind()),
          Name(run.mode()),
          Name(run.state()),
          Grouped(run.read()),
          Grouped(run.created() + run.updated()),
          Grouped(CountFailed(run)),
          TimeText(run.created_at()),
          seconds > 0 ? ShortDuration(seconds) : ""};
}

}  // namespace

int RunsList(const CallScene& scene) {
  const auto stub = v1::Operations::NewStub(scene.channel);
  Table table({"RUN", "KIND", "MODE", "STATE", "READ", "WRITTEN", "FAILED", "CREATED", "TOOK"});
  bool any = false;
  const grpc::Status status = ReadPages<v1::ListRunsResponse>(
      scene,
      [&](grpc::ClientContext& context, int size, const std::string& token,
          v1::ListRunsResponse& response) {
        v1::ListRunsRequest request;
        request.set_connection(scene.arguments.connection);
        request.set_page_size(size);
        request.set_page_token(token);
        return stub->ListRuns(&context, request, &response);
      },
      [&](const v1::ListRunsResponse& response) {
        for (const v1::RunProgress& run : response.runs()) {
          any = true;
          if (scene.arguments.json) scene.terminal.out << JsonLine(run);
          table.Add(RunRow(run));
        }
        return response.runs_size();
      });
  if (!status.ok()) return ReportError(status, scene);
  if (!scene.arguments.json) scene.terminal.out << (any ? table.Text() : "no runs yet\n");
  return 0;
}

int RunsCancel(const CallScene& scene) {
  const auto stub = v1::Operations::NewStub(scene.channel);
  grpc::ClientContext context;
  SetDeadline(context, scene.clock);
  v1::CancelRunRequest request;
  request.set_connection(scene.arguments.connection);
  request.set_run_id(scene.arguments.run_id);
  v1::CancelRunResponse response;
  const grpc::Status status = stub->CancelRun(&context, request, &response);
  if (!status.ok()) return ReportError(status, scene);
  if (scene.arguments.json) {
    scene.terminal.out << JsonLine(response.progress());
  } else if (IsFinal(response.progress().state())) {
    scene.terminal.out << "run " << scene.arguments.run_id
                       << " is at its end: " << Name(response.progress().state()) << "\n";
  } else {
    scene.terminal.out << "run " << scene.arguments.run_id << " ends after the page it is at\n";
  }
  return 0;
}

int FailuresList(const CallScene& scene) {
  const auto stub = v1::Operations::NewStub(scene.channel);
  Table table({"LAST FAILED", "KIND", "RECORD", "E-MAIL", "REASON", "FIELD", "DETAIL"});
  bool any = false;
  const grpc::Status status = ReadPages<v1::ListFailuresResponse>(
      scene,
      [&](grpc::ClientContext& context, int size, const std::string& token,
          v1::ListFailuresResponse& response) {
        v1::ListFailuresRequest request;
        request.set_connection(scene.arguments.connection);
        request.mutable_filter()->set_run_id(scene.arguments.run_id);
        request.set_page_size(size);
        request.set_page_token(token);
        return stub->ListFailures(&context, request, &response);
      },
      [&](const v1::ListFailuresResponse& response) {
        for (const v1::Failure& failure : response.failures()) {
          any = true;
          if (scene.arguments.json) scene.terminal.out << JsonLine(failure);
          table.Add({TimeText(failure.last_failed_at()), Name(failure.kind()),
                     Printable(failure.record_id()), Printable(failure.email()),
                     Name(failure.reason()), Printable(failure.field()),
                     Printable(failure.detail())});
        }
        return response.failures_size();
      });
  if (!status.ok()) return ReportError(status, scene);
  if (!scene.arguments.json) scene.terminal.out << (any ? table.Text() : "no failures\n");
  return 0;
}

}  // namespace connector::cli
