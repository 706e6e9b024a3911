#include "rpc/report_call.h"

#include <vector>

#include "absl/strings/str_cat.h"

namespace connector::rpc {
namespace {

namespace v1 = pipedrive_connector::v1;

constexpr int kDefaultExamples = 10;
constexpr int kMostExamples = 1000;
// A million contacts are walked in about a minute.
constexpr Duration kLongestReport = std::chrono::minutes(10);

absl::StatusOr<sync::ReportQuestion> ToQuestion(const v1::ReconcileReportRequest& request) {
  sync::ReportQuestion question;
  question.max_examples = request.max_examples() == 0 ? kDefaultExamples : request.max_examples();
  if (question.max_examples < 0 || question.max_examples > kMostExamples) {
    return absl::InvalidArgumentError(absl::StrCat("max_examples: must be 1 to ", kMostExamples,
                                                   ", or 0 for ", kDefaultExamples));
  }
  question.list_ids.assign(request.list_ids().begin(), request.list_ids().end());
  return question;
}

using Response = v1::ReconcileReportResponse;

// Sends the parts one after the other once they are made. It keeps itself alive until gRPC is done
// with it; the work shares it until it has its outcome.
class ReportStream : public grpc::ServerWriteReactor<Response>,
                     public std::enable_shared_from_this<ReportStream> {
 public:
  static ReportStream* Begin(grpc::CallbackServerContext& context, const InquiryParts& parts,
                             const v1::ReconcileReportRequest& request) {
    const std::shared_ptr<ReportStream> stream(new ReportStream(context));
    stream->self_ = stream;
    const absl::StatusOr<std::string> connection =
        parts.runs.ResolveConnection(request.connection());
    const absl::StatusOr<sync::ReportQuestion> question = ToQuestion(request);
    if (!connection.ok() || !question.ok()) {
      stream->OnParts(connection.ok() ? question.status() : connection.status());
      return stream.get();
    }
    parts.inquiries.Ask(
        *connection, DeadlineOf(context, parts.clock, kLongestReport),
        stream->cancelled_.get_token(),
        [stream, question = *question](const worker::Inquiries::Scene& scene) {
          return stream->Make(question, scene);
        },
        [stream](const absl::Status& status) { stream->OnParts(status); });
    return stream.get();
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    if (!ok) cancelled_.request_stop();
    SendNext();
  }

  void OnCancel() override {
    cancelled_.request_stop();
    const std::lock_guard lock(mutex_);
    End(grpc::Status(grpc::StatusCode::CANCELLED, "cancelled by the client"));
  }

  void OnDone() override { self_.reset(); }

 private:
  explicit ReportStream(grpc::CallbackServerContext& context) : context_(context) {}

  absl::Status Make(const sync::ReportQuestion& question, const worker::Inquiries::Scene& scene) {
    const auto go_on = [&]() -> absl::Status {
      if (scene.call.stop.stop_requested()) return absl::CancelledError("nobody waits for it");
      if (scene.accounts.clock.Now() < scene.call.deadline) return absl::OkStatus();
      return absl::DeadlineExceededError("the report was not done in time; ask for fewer lists");
    };
    CONNECTOR_ASSIGN_OR_RETURN(parts_, sync::MakeReport(scene.accounts, question, go_on));
    return absl::OkStatus();
  }

  void OnParts(const absl::Status& status) {
    const std::lock_guard lock(mutex_);
    if (status.ok()) {
      SendNext();
    } else if (!finished_) {
      // The context is gone once the call has ended.
      End(ToGrpc(ForCaller(status, ""), context_));
    }
  }

  void SendNext() {
    if (finished_) return;
    if (sent_ == parts_.size()) return End(grpc::Status::OK);
    response_.Clear();
    FillPart(parts_[sent_++], *response_.mutable_part());
    StartWrite(&response_);
  }

  void End(const grpc::Status& status) {
    if (std::exchange(finished_, true)) return;
    Finish(status);
  }

  grpc::CallbackServerContext& context_;
  std::shared_ptr<ReportStream> self_;
  std::stop_source cancelled_;
  std::mutex mutex_;  // guards what follows; parts_ only once they are made
  std::vector<sync::ReportPart> parts_;
  size_t sent_ = 0;
  bool finished_ = false;
  Response response_;
};

}  // namespace

void FillPart(const sync::ReportPart& part, v1::ReconcilePart& out) {
  out.set_list_id(part.list_id);
  out.set_list_name(part.list_name);
  out.set_wanted(part.wanted);
  out.set_actual(part.actual);
  for (const sync::Difference& difference : part.differences) {
    v1::ReconcileDifference& added = *out.add_differences();
    // The contract lists the same kinds in the same order, UNSPECIFIED before them.
    added.set_kind(static_cast<v1::ReconcileKind>(static_cast<int>(difference.kind) + 1));
    added.set_count(difference.count);
    for (const sync::DifferenceExample& example : difference.examples) {
      v1::ReconcileExample& shown = *added.add_examples();
      shown.set_person_id(example.person_id);
      shown.set_email(example.email);
      shown.set_detail(example.detail);
    }
  }
}

grpc::ServerWriteReactor<Response>* ReconcileReport(grpc::CallbackServerContext& context,
                                                    const InquiryParts& parts,
                                                    const v1::ReconcileReportRequest& request) {
  return ReportStream::Begin(context, parts, request);
}

}  // namespace connector::rpc
