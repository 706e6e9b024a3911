#include "worker/event_key.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/digest.h"
#include "base/hash.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "model/wire.h"

namespace connector::worker {
namespace {

constexpr Duration kRepeatedWithin = std::chrono::minutes(1);
// Of each half: about 3 MB.
constexpr size_t kLanesRemembered = 10'000;

// Version 1 counts its attempts in the body, which is else the same each time.
std::string WithoutRetry(std::string_view body) {
  constexpr std::string_view kRetry = "\"retry\":";
  const size_t at = body.find(kRetry);
  if (at == std::string_view::npos) return std::string(body);
  const size_t begin = at + kRetry.size();
  const size_t end = body.find_first_not_of(" 0123456789", begin);
  std::string rest(body.substr(0, begin));
  if (end != std::string_view::npos) rest += body.substr(end);
  return rest;
}

bool HasFractions(Time time) {
  return time.time_since_epoch() % std::chrono::seconds(1) != Duration::zero();
}

}  // namespace

std::string EventLane(const SourceEvent& event) {
  const std::string_view object = event.object == SourceObject::kOther
                                      ? std::string_view(event.object_name)
                                      : SourceObjectName(event.object);
  return absl::StrCat(ToAbsl(object), "/", event.id);
}

std::string EventKey(const SourceEvent& event, std::string_view body) {
  const std::string lane = EventLane(event);
  if (!event.event_id.empty()) return absl::StrCat(lane, "/", event.event_id);
  if (event.hint) {
    const bool told = event.update_time || event.occurred_at;
    return told ? absl::StrCat(lane, "/hint/", Sha256Hex(body)) : "";
  }
  // To the microsecond no two changes of a record are at the same time; within a second they may
  // be.
  if (event.occurred_at && HasFractions(*event.occurred_at)) {
    return absl::StrCat(lane, "/", event.action_name, "/",
                        event.occurred_at->time_since_epoch().count());
  }
  return absl::StrCat(lane, "/body/", Sha256Hex(WithoutRetry(body)));
}

std::string BrevoKey(const BrevoChange& change, Time arrived) {
  if (!change.key.empty()) return absl::StrCat("brevo/", change.key);
  return absl::StrCat("brevo/", change.event, "/", AsciiLower(change.email), "/untimed/",
                      FormatTimestamp(arrived), "/",
                      absl::Hex(Fnv1a(Encode(change)), absl::kZeroPad16));
}

std::string HintKeys::KeyOf(const SourceEvent& event, std::string_view body, Time now) {
  std::string lane = EventLane(event);
  std::string words = Sha256Hex(body);
  const std::lock_guard lock(mutex_);
  auto last = young_.find(lane);
  if (last == young_.end()) {
    if (young_.size() >= kLanesRemembered) {
      old_ = std::move(young_);
      young_.clear();
    }
    const auto before = old_.find(lane);
    last = young_.emplace(lane, before == old_.end() ? Last{} : before->second).first;
  }
  Last& known = last->second;
  if (known.words != words || now - known.at >= kRepeatedWithin || now < known.at) {
    known.key =
        absl::StrCat(lane, "/hint/", now.time_since_epoch().count(), "/", ++given_, "/", words);
  }
  known.words = std::move(words);
  known.at = now;
  return known.key;
}

}  // namespace connector::worker
