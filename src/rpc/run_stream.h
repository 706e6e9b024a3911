#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "rpc/progress_hub.h"
#include "rpc/run_messages.h"
#include "rpc/status.h"

namespace connector::rpc {

// The server's end of a stream of progress. It keeps itself alive until gRPC is done with it, which
// is before the hub goes; the hub shares it.
template <typename Response>
class RunStream : public grpc::ServerWriteReactor<Response>,
                  public ProgressWatcher,
                  public std::enable_shared_from_this<RunStream<Response>> {
 public:
  static std::shared_ptr<RunStream> Make(grpc::CallbackServerContext& context, ProgressHub& hub,
                                         bool joined_existing) {
    auto stream = std::shared_ptr<RunStream>(new RunStream(context, hub, joined_existing));
    stream->self_ = stream;
    return stream;
  }

  bool Idle() const override {
    const std::lock_guard lock(mutex_);
    return !writing_ && !finished_;
  }

  bool Gone() const override {
    const std::lock_guard lock(mutex_);
    return finished_;
  }

  void Send(const Run& run, const Pace& pace, std::vector<PlannedChange> changes,
            bool last) override {
    const std::lock_guard lock(mutex_);
    if (writing_ || finished_) return;
    response_.Clear();
    *response_.mutable_progress() = ToProto(run, pace);
    response_.mutable_progress()->set_joined_existing(joined_existing_);
    if constexpr (requires { response_.add_planned_changes(); }) {
      for (const PlannedChange& change : changes) {
        *response_.add_planned_changes() = ToProto(change);
      }
    }
    writing_ = true;
    gave_plan_ = !changes.empty();
    finished_ = last;
    if (last) {
      this->StartWriteAndFinish(&response_, {}, grpc::Status::OK);
    } else {
      this->StartWrite(&response_);
    }
  }

  void Fail(const absl::Status& status) override {
    const std::lock_guard lock(mutex_);
    // The context is gone once the call has ended.
    if (!finished_) End(ToGrpc(status, context_));
  }

  void OnWriteDone(bool ok) override {
    bool more = false;
    {
      const std::lock_guard lock(mutex_);
      writing_ = false;
      more = ok && gave_plan_ && !finished_;
      if (!ok) End(grpc::Status(grpc::StatusCode::CANCELLED, "the client went away"));
    }
    // A plan goes out as fast as the client takes it, not a page at each of the hub's looks.
    if (more) hub_.Wake();
  }

  void OnCancel() override {
    const std::lock_guard lock(mutex_);
    End(grpc::Status(grpc::StatusCode::CANCELLED, "cancelled by the client; the run goes on"));
  }

  void OnDone() override { self_.reset(); }

 private:
  RunStream(grpc::CallbackServerContext& context, ProgressHub& hub, bool joined_existing)
      : context_(context), hub_(hub), joined_existing_(joined_existing) {}

  void End(const grpc::Status& status) {
    if (std::exchange(finished_, true)) return;
    this->Finish(status);
  }

  grpc::CallbackServerContext& context_;
  ProgressHub& hub_;
  const bool joined_existing_;
  std::shared_ptr<RunStream> self_;
  mutable std::mutex mutex_;  // guards what follows
  bool writing_ = false;
  bool gave_plan_ = false;  // with the last message
  bool finished_ = false;
  Response response_;
};

}  // namespace connector::rpc
