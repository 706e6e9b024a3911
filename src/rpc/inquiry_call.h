#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "base/status.h"
#include "rpc/deadline.h"
#include "rpc/status.h"
#include "worker/inquiries.h"
#include "worker/runs.h"

namespace connector::rpc {

// What the calls about single contacts need; all outlives the server.
struct InquiryParts {
  worker::Runs& runs;
  worker::Inquiries& inquiries;
  const Clock& clock;
};

// For callers without a deadline: some calls to vendors, each of which may wait for the budget.
inline constexpr Duration kLongestInquiry = std::chrono::minutes(2);

// The server's end of a call that waits for a work of the pool. It keeps itself alive until gRPC is
// done with it; the work shares it until it has its outcome.
template <typename Outcome>
class InquiryCall : public grpc::ServerUnaryReactor,
                    public std::enable_shared_from_this<InquiryCall<Outcome>> {
 public:
  using Work = std::function<absl::StatusOr<Outcome>(const worker::Inquiries::Scene& scene)>;
  // Writes the outcome into the response; not called once the client has gone.
  using Fill = std::function<void(const Outcome& outcome)>;

  // Begins the work. The reactor belongs to gRPC from here on. `connection` as in the request.
  static InquiryCall* Begin(grpc::CallbackServerContext& context, const InquiryParts& parts,
                            std::string_view connection, Work work, Fill fill) {
    const std::shared_ptr<InquiryCall> call(new InquiryCall(context, std::move(fill)));
    call->self_ = call;
    const absl::StatusOr<std::string> resolved =
        parts.runs.ResolveConnection(std::string(connection));
    if (!resolved.ok()) {
      call->End(resolved.status());
      return call.get();
    }
    parts.inquiries.Ask(
        *resolved, DeadlineOf(context, parts.clock, kLongestInquiry), call->cancelled_.get_token(),
        [call, work = std::move(work)](const worker::Inquiries::Scene& scene) -> absl::Status {
          absl::StatusOr<Outcome> outcome = work(scene);
          if (outcome.ok()) call->outcome_ = *std::move(outcome);
          return outcome.status();
        },
        [call](const absl::Status& status) { call->End(status); });
    return call.get();
  }

  void OnCancel() override {
    cancelled_.request_stop();
    const std::lock_guard lock(mutex_);
    if (std::exchange(finished_, true)) return;
    Finish(grpc::Status(grpc::StatusCode::CANCELLED, "cancelled by the client"));
  }

  void OnDone() override { self_.reset(); }

 private:
  InquiryCall(grpc::CallbackServerContext& context, Fill fill)
      : context_(context), fill_(std::move(fill)) {}

  void End(const absl::Status& status) {
    const std::lock_guard lock(mutex_);
    if (std::exchange(finished_, true)) return;
    if (status.ok()) fill_(*outcome_);
    Finish(ToGrpc(ForCaller(status, ""), context_));
  }

  grpc::CallbackServerContext& context_;
  const Fill fill_;
  std::shared_ptr<InquiryCall> self_;
  std::stop_source cancelled_;
  std::optional<Outcome> outcome_;  // of the pool's thread until it ends the call
  std::mutex mutex_;                // guards finished_, and the response until then
  bool finished_ = false;
};

// Ends a call that can't begin.
inline grpc::ServerUnaryReactor* RefuseInquiry(const absl::Status& status,
                                               grpc::CallbackServerContext& context) {
  grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
  reactor->Finish(ToGrpc(status, context));
  return reactor;
}

}  // namespace connector::rpc
