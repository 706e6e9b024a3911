#include "rpc/stage_call.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "rpc/status.h"

namespace connector::rpc {
namespace {

namespace v1 = pipedrive_connector::v1;

absl::Status CheckId(absl::string_view field, int64_t id) {
  if (id > 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(field, ": must be a positive id, not ", id));
}

absl::StatusOr<sync::StageQuestion> ToImaginedDeal(const v1::StageQuestion& question) {
  CONNECTOR_RETURN_IF_ERROR(CheckId("what_if.person_id", question.person_id()));
  sync::ImaginedDeal imagined{.person_id = question.person_id()};
  if (question.pipeline_id() < 0) return CheckId("what_if.pipeline_id", question.pipeline_id());
  imagined.pipeline_id = question.pipeline_id();
  switch (question.position_case()) {
    case v1::StageQuestion::kStageId:
      CONNECTOR_RETURN_IF_ERROR(CheckId("what_if.stage_id", question.stage_id()));
      imagined.stage_id = question.stage_id();
      return imagined;
    case v1::StageQuestion::kStatus:
      if (question.status() != v1::DEAL_STATUS_WON && question.status() != v1::DEAL_STATUS_LOST) {
        return absl::InvalidArgumentError(
            "what_if.status: allowed are WON and LOST; name the stage of an open deal");
      }
      imagined.status =
          question.status() == v1::DEAL_STATUS_WON ? DealStatus::kWon : DealStatus::kLost;
      return imagined;
    case v1::StageQuestion::POSITION_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("what_if: name stage_id or status");
}

template <typename Field>
void FillReasons(const std::vector<reconcile::ListReason>& reasons, Field& field) {
  for (const reconcile::ListReason& reason : reasons) {
    v1::ListReason& out = *field.Add();
    out.set_list_id(reason.list_id);
    out.set_name(reason.name);
    out.set_reason(reason.why);
  }
}

}  // namespace

absl::StatusOr<sync::StageQuestion> ToStageQuestion(const v1::MapDealStageRequest& request) {
  switch (request.target_case()) {
    case v1::MapDealStageRequest::kDealId:
      CONNECTOR_RETURN_IF_ERROR(CheckId("deal_id", request.deal_id()));
      return sync::DealTarget{.deal_id = request.deal_id(), .dry_run = request.dry_run()};
    case v1::MapDealStageRequest::kWhatIf:
      return ToImaginedDeal(request.what_if());
    case v1::MapDealStageRequest::TARGET_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("target: name deal_id or what_if");
}

void FillStageResponse(const sync::StageAnswer& answer, v1::MapDealStageResponse& response) {
  response.set_person_id(answer.person_id);
  response.set_email(answer.email);
  FillReasons(answer.joined, *response.mutable_lists_joined());
  FillReasons(answer.left, *response.mutable_lists_left());
  FillReasons(answer.kept, *response.mutable_lists_kept());
  FillReasons(answer.withheld, *response.mutable_lists_withheld());
  response.set_applied(answer.applied);
  for (const std::string& warning : answer.warnings) response.add_warnings(warning);
}

StageCall* StageCall::Begin(Parts parts, Time deadline) {
  const std::shared_ptr<StageCall> call(new StageCall(std::move(parts)));
  call->self_ = call;
  call->parts_.stages.Ask(
      call->parts_.connection, call->parts_.question, deadline, call->cancelled_.get_token(),
      [call](const absl::StatusOr<sync::StageAnswer>& answer) { call->End(answer); });
  return call.get();
}

void StageCall::End(const absl::StatusOr<sync::StageAnswer>& answer) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(finished_, true)) return;
  if (answer.ok()) FillStageResponse(*answer, parts_.response);
  Finish(ToGrpc(answer.status(), parts_.context));
}

void StageCall::OnCancel() {
  cancelled_.request_stop();
  const std::lock_guard lock(mutex_);
  if (std::exchange(finished_, true)) return;
  Finish(grpc::Status(grpc::StatusCode::CANCELLED, "cancelled by the client"));
}

}  // namespace connector::rpc
