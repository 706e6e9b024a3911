#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "base/clock.h"
#include "sync/accounts.h"
#include "sync/outbox_sender.h"

namespace connector::worker {

// Sends the Brevo events of one connection as they become due.
class OutboxPump {
 public:
  // `owner` is unique to this process. The accounts outlive it.
  OutboxPump(const sync::Accounts& accounts, std::string owner);

  void Start();
  // Waits for the call under way; what was not sent stays in the outbox.
  void Stop();

  // Events may have become due. Any thread; costs nothing.
  void Wake();

 private:
  void Loop(const std::stop_token& stop);
  absl::Status Pump(const std::stop_token& stop);
  void WaitForWork();

  const sync::Accounts& accounts_;
  sync::OutboxSender sender_;
  Time looked_up_at_{};
  std::mutex mutex_;  // guards called_
  std::condition_variable wake_;
  bool called_ = false;
  std::jthread thread_;
};

}  // namespace connector::worker
