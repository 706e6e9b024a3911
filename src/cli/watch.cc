#include "cli/watch.h"

#include <ostream>

namespace connector::cli {

void ProgressView::Show(const v1::RunProgress& progress) {
  const bool is_first = empty();
  const bool new_phase = is_first || progress.phase() != last_.phase();
  last_ = progress;
  if (scene_.arguments.json) return;
  std::ostream& err = scene_.terminal.err;
  if (is_first && progress.joined_existing()) {
    err << "run " << progress.run_id()
        << " is under way already; this is its progress, and the options given here have no "
           "effect\n";
  }
  if (scene_.terminal.err_is_terminal) {
    err << "\r\x1b[K" << ProgressBar(progress, scene_.clock.Now(), scene_.terminal.width)
        << std::flush;
    bar_drawn_ = true;
    return;
  }
  if (new_phase || ++messages_since_line_ >= kMessagesPerLine) {
    err << ProgressLine(progress) << std::endl;
    messages_since_line_ = 0;
  }
}

void ProgressView::ShowPlanned(const v1::PlannedChange& change) {
  if (scene_.arguments.json) return;
  Clear();
  scene_.terminal.out << PlannedText(change);
}

void ProgressView::Clear() {
  if (bar_drawn_) scene_.terminal.err << "\r\x1b[K" << std::flush;
  bar_drawn_ = false;
}

int ProgressView::Finish() {
  Clear();
  if (!scene_.arguments.json) scene_.terminal.out << Summary(last_);
  return last_.state() == v1::RUN_STATE_SUCCEEDED ? 0 : 1;
}

void ProgressView::SayHowToReturn() {
  std::string options;
  if (scene_.arguments.address != Arguments{}.address) {
    options += " --address " + scene_.arguments.address;
  }
  if (!scene_.arguments.connection.empty()) {
    options += " --connection " + scene_.arguments.connection;
  }
  const std::string& id = last_.run_id();
  scene_.terminal.err << "run " << id << " goes on without this terminal\n"
                      << "  watch it:   pipedrive-connector runs watch " << id << options << "\n"
                      << "  cancel it:  pipedrive-connector runs cancel " << id << options << "\n";
}

}  // namespace connector::cli
