#include "sync/flip_breaker.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/hash.h"
#include "sync/plan_consent.h"

namespace connector::sync {
namespace {

constexpr Duration kHour = std::chrono::hours(1);
// Of a record with 30 fields that changes between two values, twice.
constexpr size_t kMostWritten = 64;

// 32 bits: most contacts carry some of these.
int64_t HashOf(const PlannedField& field) {
  return static_cast<uint32_t>(Fnv1a(absl::StrCat(field.attribute, "=", ToText(field.after))));
}

// True if the value was written before; else it is noted.
bool Returns(const PlannedField& field, std::vector<int64_t>& written) {
  const int64_t hash = HashOf(field);
  if (std::find(written.begin(), written.end(), hash) != written.end()) return true;
  if (written.size() == kMostWritten) written.erase(written.begin());
  written.push_back(hash);
  return false;
}

}  // namespace

FlipVerdict CheckFlips(ContactPlan& plan, int flips_per_hour, Time now) {
  FlipVerdict verdict;
  if (plan.action == PlanAction::kCreate) return verdict;
  if (plan.fields.empty() && plan.pipedrive_fields.empty()) return verdict;
  std::optional<Flips>& flips = plan.state.flips;
  if (!flips || now - flips->since >= kHour || now < flips->since) flips = Flips{.since = now};
  verdict.rest = flips->since + kHour - now;
  verdict.rests = flips->count > flips_per_hour;
  if (verdict.rests) return verdict;
  for (const auto* fields : {&plan.fields, &plan.pipedrive_fields}) {
    for (const PlannedField& field : *fields) {
      // Who opted out is blocked however often somebody lifts it.
      if (field.attribute == kBlockedAttribute) continue;
      if (field.reason == reconcile::MergeReason::kFirstFill) continue;
      if (Returns(field, flips->written)) verdict.attribute = field.attribute;
    }
  }
  if (verdict.attribute.empty()) return verdict;
  verdict.rests = verdict.is_news = ++flips->count > flips_per_hour;
  return verdict;
}

}  // namespace connector::sync
