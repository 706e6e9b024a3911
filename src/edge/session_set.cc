#include <algorithm>

#include "edge/http_session.h"

namespace connector::edge {

void SessionSet::Add(std::shared_ptr<HttpSession> session) {
  const std::lock_guard lock(mutex_);
  const HttpSession* const key = session.get();
  sessions_.emplace(key, std::move(session));
}

void SessionSet::Remove(const HttpSession* session) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(session);
  if (sessions_.empty()) none_left_.notify_all();
}

size_t SessionSet::size() const {
  const std::lock_guard lock(mutex_);
  return sessions_.size();
}

void SessionSet::Finish() {
  for (const auto& session : Copy()) session->Finish();
  const std::lock_guard lock(mutex_);
  finishing_ = true;
  none_left_.notify_all();
}

void SessionSet::WaitForNone(Duration at_most) {
  // The bound keeps "for ever" from overflowing the deadline inside wait_for.
  constexpr Duration kLongest = std::chrono::hours(24);
  std::unique_lock lock(mutex_);
  none_left_.wait_for(lock, std::min(at_most, kLongest),
                      [this] { return finishing_ && sessions_.empty(); });
}

void SessionSet::Abort() {
  for (const auto& session : Copy()) session->Abort();
  const std::lock_guard lock(mutex_);
  sessions_.clear();
}

std::vector<std::shared_ptr<HttpSession>> SessionSet::Copy() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<HttpSession>> copy;
  copy.reserve(sessions_.size());
  for (const auto& [key, session] : sessions_) copy.push_back(session);
  return copy;
}

}  // namespace connector::edge
