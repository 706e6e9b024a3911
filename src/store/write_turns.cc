#include "store/write_turns.h"

namespace connector::store {

void WriteTurns::Take(Kind kind) {
  const bool prompt = kind == Kind::kPrompt;
  std::unique_lock lock(mutex_);
  int& own = prompt ? prompt_waiting_ : patient_waiting_;
  const int& others = prompt ? patient_waiting_ : prompt_waiting_;
  ++own;
  given_.wait(lock, [&] {
    const bool others_turn = others > 0 && last_was_prompt_ == prompt;
    return !taken_ && !others_turn;
  });
  --own;
  taken_ = true;
  last_was_prompt_ = prompt;
}

int WriteTurns::waiting() const {
  const std::lock_guard lock(mutex_);
  return prompt_waiting_ + patient_waiting_;
}

void WriteTurns::Give() {
  {
    const std::lock_guard lock(mutex_);
    taken_ = false;
  }
  // All: which of them may go only they know.
  given_.notify_all();
}

}  // namespace connector::store
