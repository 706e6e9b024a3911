#pragma once

// A change in Pipedrive as a webhook or an internal service's message tells it, whichever form it
// came in.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "model/activity.h"
#include "model/deal.h"
#include "model/lead.h"
#include "model/organization.h"
#include "model/person.h"

namespace connector {

enum class SourceObject {
  kPerson,
  kDeal,
  kOrganization,
  kActivity,
  kLead,
  kPipeline,
  kStage,
  kNote,
  kUser,
  kOther,
};
// "person", "deal", ...; "other" for kOther.
std::string_view SourceObjectName(SourceObject object);

enum class SourceAction { kCreated, kChanged, kDeleted, kMerged };
// The configuration's words: "added", "updated", "deleted", "merged".
std::string_view SourceActionName(SourceAction action);

// What a deal was before the change, as far as it is told.
struct DealBefore {
  std::optional<int64_t> stage_id;
  std::optional<int64_t> pipeline_id;
  std::optional<int64_t> person_id;
  std::optional<DealStatus> status;
  bool operator==(const DealBefore&) const = default;
};

struct SourceEvent {
  SourceObject object = SourceObject::kOther;
  std::string object_name;  // as the sender wrote it
  SourceAction action = SourceAction::kChanged;
  std::string id;        // of the record: a number, for leads a UUID
  std::string event_id;  // the sender's own, "" if it gives none
  // The same for the same change whichever way it came: "deal/8/updated/<update_time>" with whole
  // seconds; without an update time the event's own time stands in.
  std::string key;
  std::optional<Time> occurred_at;     // by the sender's clock
  std::optional<Time> update_time;     // of the record
  int64_t company_id = 0;              // 0: not told
  int64_t user_id = 0;                 // who changed it; 0: not told
  std::string change_source;           // "app", "api", "" if not told
  bool bulk = false;                   // one of many records changed at once
  std::optional<int64_t> merged_to;    // this record was merged into that one and is gone
  std::optional<int64_t> merged_from;  // that record was merged into this one
  // An internal service's hint: nothing in it is taken for true but that the record changed.
  bool hint = false;
  // The record after the change, before it for a deletion; monostate where the sender told none.
  std::variant<std::monostate, Person, Deal, Organization, Activity, Lead> record;
  DealBefore deal_before;

  bool operator==(const SourceEvent&) const = default;
};

}  // namespace connector
