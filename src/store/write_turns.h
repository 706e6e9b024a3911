#pragma once

#include <condition_variable>
#include <mutex>

namespace connector::store {

// Who may write next. Those whom somebody waits for go before the others, but while both kinds wait
// they take turns, so that neither keeps the other out. Any thread.
class WriteTurns {
 public:
  enum class Kind { kPrompt, kPatient };

  // Holds the turn for its lifetime.
  class Turn {
   public:
    Turn(WriteTurns& turns, Kind kind) : turns_(turns) { turns_.Take(kind); }
    ~Turn() { turns_.Give(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    WriteTurns& turns_;
  };

  // How many wait for a turn now.
  int waiting() const;

 private:
  void Take(Kind kind);
  void Give();

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable given_;
  bool taken_ = false;
  int prompt_waiting_ = 0;
  int patient_waiting_ = 0;
  bool last_was_prompt_ = false;
};

}  // namespace connector::store
