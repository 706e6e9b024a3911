#pragma once

// Shows a stream of progress until it ends.

#include <atomic>

#include "cli/call.h"
#include "cli/interrupt.h"
#include "cli/progress.h"

namespace connector::cli {

inline constexpr int kInterrupted = 130;

// Draws progress on `err` (a bar on a terminal, a line now and then elsewhere) and the summary and
// planned changes on `out`. With --json, only JSON lines on `out`.
class ProgressView {
 public:
  explicit ProgressView(const CallScene& scene) : scene_(scene) {}

  void Show(const v1::RunProgress& progress);
  void ShowPlanned(const v1::PlannedChange& change);
  // Clears the bar; what follows begins on a line of its own.
  void Clear();

  // 0 if the run succeeded.
  int Finish();
  // Says how to come back to the run, which goes on.
  void SayHowToReturn();

  const v1::RunProgress& last() const { return last_; }
  bool empty() const { return last_.run_id().empty(); }

 private:
  // Between two lines where no bar can be drawn; the server sends about one message a second.
  static constexpr int kMessagesPerLine = 10;

  const CallScene& scene_;
  v1::RunProgress last_;
  int messages_since_line_ = 0;
  bool bar_drawn_ = false;
};

// Reads `reader` to its end. `context` is the call's: it is cancelled on Ctrl-C, and after the
// first message with --detach. `show` is given every message.
template <typename Message, typename Reader, typename Show>
int Follow(const CallScene& scene, grpc::ClientContext& context, Reader& reader, bool detach,
           Show show) {
  ProgressView view(scene);
  std::atomic<bool> interrupted = false;
  bool detached = false;
  grpc::Status status;
  {
    const Interrupt interrupt([&] {
      interrupted = true;
      context.TryCancel();
    });
    Message message;
    while (reader.Read(&message)) {
      show(view, message);
      if (!detach || view.empty()) continue;
      detached = true;
      context.TryCancel();
      break;
    }
    status = reader.Finish();
  }
  view.Clear();
  if (detached || (interrupted && !view.empty() && !status.ok())) {
    view.SayHowToReturn();
    return detached ? 0 : kInterrupted;
  }
  if (!status.ok()) {
    const int code = ReportError(status, scene);
    if (!view.empty() && !IsFinal(view.last().state())) view.SayHowToReturn();
    return interrupted ? kInterrupted : code;
  }
  return view.Finish();
}

}  // namespace connector::cli
