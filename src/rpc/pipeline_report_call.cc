#include "rpc/pipeline_report_call.h"

#include <utility>

#include "rpc/pipeline_report_messages.h"

namespace connector::rpc {

grpc::ServerUnaryReactor* ReportPipeline(
    grpc::CallbackServerContext& context, const InquiryParts& parts,
    const pipedrive_connector::v1::ReportPipelineRequest& request,
    pipedrive_connector::v1::ReportPipelineResponse& response) {
  absl::StatusOr<sync::PipelineQuestion> question = ToPipelineQuestion(request, parts.clock.Now());
  if (!question.ok()) return RefuseInquiry(question.status(), context);
  return InquiryCall<sync::PipelineReport>::Begin(
      context, parts, request.connection(),
      [question = *std::move(question)](const worker::Inquiries::Scene& scene) {
        const auto go_on = [&scene]() -> absl::Status {
          if (scene.call.stop.stop_requested()) return absl::CancelledError("nobody waits for it");
          if (scene.accounts.clock.Now() < scene.call.deadline) return absl::OkStatus();
          return absl::DeadlineExceededError("the report was not done in time; allow it more");
        };
        return sync::MakePipelineReport(scene.accounts, question, go_on);
      },
      [&response, with_csv = request.include_csv()](const sync::PipelineReport& report) {
        FillPipelineReport(report, *response.mutable_report());
        if (with_csv) response.set_csv(PipelineReportCsv(response.report()));
      });
}

}  // namespace connector::rpc
