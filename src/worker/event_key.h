#pragma once

// By what a repetition of an event is recognised, and in which lane it is handled.

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "model/brevo_change.h"
#include "model/source_event.h"

namespace connector::worker {

// "person/42".
std::string EventLane(const SourceEvent& event);

// The key of an event that tells who it is: by the sender's id of it, else by what identifies the
// change. "" for a hint that tells neither an id nor a time.
std::string EventKey(const SourceEvent& event, std::string_view body);

// The key of a change that Brevo told. One that tells no time can't be told from the same change
// done again, so each is an event of its own; applying it twice does no harm.
std::string BrevoKey(const BrevoChange& change, Time arrived);

// Keys for hints that tell neither an id nor a time. The same words may be said again in earnest (a
// deal moved there, back, and there again), so only a message that repeats the last one about its
// record within a minute is a repetition. Any thread.
class HintKeys {
 public:
  std::string KeyOf(const SourceEvent& event, std::string_view body, Time now);

 private:
  struct Last {
    std::string words;
    std::string key;
    Time at{};
  };
  using ByLane = std::unordered_map<std::string, Last>;

  std::mutex mutex_;  // guards what follows
  // The older half is forgotten when the younger one is full.
  ByLane young_;
  ByLane old_;
  uint64_t given_ = 0;
};

}  // namespace connector::worker
