#include "sync/side_by_side.h"

#include <thread>

namespace connector::sync {

absl::Status SideBySide(RunSession& session, const std::function<absl::Status()>& one,
                        const std::function<absl::Status()>& other) {
  const auto go = [&session](const std::function<absl::Status()>& walk) {
    const Turns::Turn turn = session.turns().Take();
    if (const absl::Status done = walk(); !done.ok()) session.GiveUp(done);
  };
  session.turns().Share(true);
  {
    const std::jthread beside([&] { go(other); });
    go(one);
  }
  session.turns().Share(false);
  return session.TakeGivenUp();
}

}  // namespace connector::sync
