#include "worker/outbox_pump.h"

#include <algorithm>
#include <utility>

#include "base/status.h"

namespace connector::worker {
namespace {

// Events that other replicas appended, and retries, are found this late at most.
constexpr Duration kLookAround = std::chrono::seconds(1);
// Events of which it is not known whether they arrived are looked for together.
constexpr Duration kBetweenLookUps = std::chrono::seconds(30);
// After an error; a vendor's own word is kept if it is longer.
constexpr Duration kShortestRest = std::chrono::seconds(1);
constexpr Duration kLongestRest = std::chrono::minutes(1);

}  // namespace

OutboxPump::OutboxPump(const sync::Accounts& accounts, std::string owner)
    : accounts_(accounts), sender_(accounts, std::move(owner)) {}

void OutboxPump::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Loop(stop); });
}

void OutboxPump::Stop() {
  thread_.request_stop();
  Wake();
  if (thread_.joinable()) thread_.join();
}

void OutboxPump::Wake() {
  {
    const std::lock_guard lock(mutex_);
    called_ = true;
  }
  wake_.notify_one();
}

void OutboxPump::WaitForWork() {
  std::unique_lock lock(mutex_);
  if (!called_) accounts_.clock.WaitFor(wake_, lock, kLookAround);
  called_ = false;
}

void OutboxPump::Loop(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const absl::Status pumped = Pump(stop);
    if (pumped.ok()) {
      WaitForWork();
      continue;
    }
    if (stop.stop_requested()) return;
    accounts_.log.Warning(
        "Brevo events wait to be sent",
        {{"connection", accounts_.settings.connection}, {"error", pumped.ToString()}});
    accounts_.clock.SleepFor(
        std::clamp(RetryAfterOf(pumped).value_or(kShortestRest), kShortestRest, kLongestRest),
        stop);
  }
}

absl::Status OutboxPump::Pump(const std::stop_token& stop) {
  const http::CallContext context{.priority = quota::Priority::kWebhook, .stop = stop};
  for (bool more = true; more && !stop.stop_requested();) {
    CONNECTOR_ASSIGN_OR_RETURN(more, sender_.SendSome(context));
  }
  const Time now = accounts_.clock.Now();
  if (now - looked_up_at_ < kBetweenLookUps) return absl::OkStatus();
  looked_up_at_ = now;
  return sender_.LookUp(context).status();
}

}  // namespace connector::worker
