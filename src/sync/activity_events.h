#pragma once

// What activities are told to Brevo as. Pure.

#include "model/activity.h"
#include "model/schema.h"
#include "model/source_event.h"
#include "store/activities.h"
#include "sync/event_rules.h"

namespace connector::sync {

// An activity that was read. Its events have the keys that those of webhooks of the same change
// have.
store::ActivityChange SeenActivity(const EventRules& rules, const AccountSchema& schema,
                                   const Activity& activity, bool may_be_new);

// A change that was told; the record may be missing, then there is nobody to tell it to.
store::ActivityChange ToldActivity(const EventRules& rules, const AccountSchema& schema, int64_t id,
                                   const SourceEvent& event);

}  // namespace connector::sync
