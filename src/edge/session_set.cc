#include <algorithm>
#include <utility>

#include "edge/http_session.h"

namespace connector::edge {

void SessionSet::Add(std::shared_ptr<HttpSession> session) {
  const std::lock_guard lock(mutex_);
  const HttpSession* const key = session.get();
  ++per_peer_[key->remote_address()];
  sessions_.emplace(
      key, Member{std::move(session), Place::kWaiting, waiting_.insert(waiting_.end(), key)});
}

void SessionSet::Remove(const HttpSession* session) {
  std::shared_ptr<HttpSession> removed;  // destroyed outside the lock
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return;
  Leave(found->second);
  removed = std::move(found->second.session);
  const auto peer = per_peer_.find(removed->remote_address());
  if (peer != per_peer_.end() && --peer->second == 0) per_peer_.erase(peer);
  sessions_.erase(found);
  if (sessions_.empty()) none_left_.notify_all();
}

size_t SessionSet::CountOf(const std::string& remote_address) const {
  const std::lock_guard lock(mutex_);
  const auto found = per_peer_.find(remote_address);
  return found == per_peer_.end() ? 0 : found->second;
}

// Takes the member out of the order or of the count it is in.
void SessionSet::Leave(Member& member) {
  if (member.place == Place::kWaiting) waiting_.erase(member.at);
  if (member.place == Place::kGivingWay) --giving_way_;
}

void SessionSet::OnWaiting(const HttpSession* session) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return;
  Leave(found->second);
  found->second.place = Place::kWaiting;
  found->second.at = waiting_.insert(waiting_.end(), session);
}

void SessionSet::OnAwaited(const HttpSession* session) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return;
  Leave(found->second);
  found->second.place = Place::kAwaited;
}

bool SessionSet::MakeRoom(size_t at_most) {
  std::vector<std::shared_ptr<HttpSession>> leaving;
  bool room = false;
  {
    const std::lock_guard lock(mutex_);
    while (!(room = sessions_.size() - giving_way_ < at_most) && !waiting_.empty()) {
      Member& longest = sessions_.at(waiting_.front());
      Leave(longest);
      longest.place = Place::kGivingWay;
      ++giving_way_;
      leaving.push_back(longest.session);
    }
  }
  for (const auto& session : leaving) session->GiveWay();
  return room;
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
  waiting_.clear();
  giving_way_ = 0;
}

std::vector<std::shared_ptr<HttpSession>> SessionSet::Copy() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<HttpSession>> copy;
  copy.reserve(sessions_.size());
  for (const auto& [key, member] : sessions_) copy.push_back(member.session);
  return copy;
}

}  // namespace connector::edge
