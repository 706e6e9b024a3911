#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "absl/status/status.h"
#include "http/caller.h"
#include "model/source_event.h"
#include "sync/accounts.h"

namespace connector::sync {

// Activities that a batch of events tells of without telling the record. One thread.
class ActivityNews {
 public:
  // Both outlive it.
  ActivityNews(const Accounts& accounts, const http::CallContext& context)
      : accounts_(accounts), context_(context) {}

  void Note(int64_t id, const SourceEvent& event);
  // Reads an activity whatever the events tell.
  void ReadAgain(int64_t id) { to_read_.insert(id); }

  // Makes the calls.
  absl::Status Resolve();

  // Once resolved: the activity as it was read; null if it was not, or is gone.
  const Activity* Find(int64_t id) const;
  // Since when activities are told, if a run has fixed that.
  std::optional<Time> told_from() const { return told_from_; }

 private:
  const Accounts& accounts_;
  const http::CallContext& context_;
  std::set<int64_t> to_read_;
  std::map<int64_t, Activity> read_;
  std::optional<Time> told_from_;
};

}  // namespace connector::sync
