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

// A merge makes two events, in either order: kMerged for the record that lives on, kDeleted with
// `merged_to` for the one that is gone.
enum class SourceAction { kCreated, kChanged, kDeleted, kMerged };
// The configuration's words: "added", "updated", "deleted", "merged".
std::string_view SourceActionName(SourceAction action);

// "deal/8/updated/2026-11-24T08:15:30Z": the same for the same change whichever way it came, be it
// a webhook, a message or a read that fills a gap.
std::string SourceEventKey(std::string_view object, std::string_view id, SourceAction action,
                           Time update_time);

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
  std::string action_name;  // likewise: "change", "updated", "stage_changed"; of kOther perhaps
                            // one that this version does not know
  SourceAction action = SourceAction::kChanged;
  std::string id;        // of the record: a number, for leads a UUID
  std::string event_id;  // the sender's own, "" if it gives none
  // SourceEventKey() with the record's update time, or the event's own time where none is told; ""
  // if the sender told neither: then nothing says that two arrivals are one change.
  std::string key;
  std::optional<Time> occurred_at;   // by the sender's clock
  std::optional<Time> update_time;   // of the record
  int64_t company_id = 0;            // 0: not told
  int64_t user_id = 0;               // who changed it; 0: not told
  std::string change_source;         // "app", "api", "" if not told
  bool bulk = false;                 // one of many records changed at once
  std::optional<int64_t> merged_to;  // this record was merged into that one and is gone
  std::optional<int64_t>
      merged_from;  // that record was merged into this one; webhooks v1 may not say
  // An internal service's hint: nothing in it is taken for true but that the record changed.
  bool hint = false;
  // The record after the change, before it (but marked deleted) for a deletion; monostate where the
  // sender told none, or none that could be read.
  std::variant<std::monostate, Person, Deal, Organization, Activity, Lead> record;
  DealBefore deal_before;

  bool operator==(const SourceEvent&) const = default;
};

}  // namespace connector
