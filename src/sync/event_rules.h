#pragma once

// Which changes in Pipedrive become Brevo events, and what such an event tells. Pure; any thread.

#include <optional>
#include <string>
#include <vector>

#include "model/outbox_event.h"
#include "model/schema.h"
#include "model/source_event.h"

namespace connector::sync {

// One line of the configuration's `webhooks` section.
struct EventRule {
  SourceAction action = SourceAction::kChanged;
  SourceObject object = SourceObject::kPerson;
  std::string brevo_event;
};

struct EventRules {
  std::vector<EventRule> rules;
  // Of a deal that moved to another stage, beside what the rules say; "" for none.
  std::string stage_changed_event;
  bool primary_participants_only = false;  // of activities

  bool Concern(SourceObject object) const;
};

// The persons whose contacts a change is told to: the person itself, a deal's or lead's person, an
// activity's participants or, if the rules say so, the primary one. Empty for one that has none.
std::vector<int64_t> PersonsOf(const EventRules& rules, const SourceEvent& event);

// The Brevo events of a change, for one of its persons. Properties by object; what is not known is
// left out:
//   person        id, name, email, org_id, owner_id; merged_from or merged_to
//   deal          id, title, value, currency, pipeline, stage, previous_stage, stage_changed,
//                 status, lost_reason, owner_id, org_id
//   activity      id, type, subject, status ("done" or "planned"), done, done_time, due_date,
//                 due_time, duration, deal_id, lead_id, org_id, owner_id, primary (whether this
//                 person is the primary participant)
//   lead          id, title, value, currency, source, is_archived, owner_id
//   organization  id, name
// Pipelines and stages are given by name, by their number where the schema does not know them.
std::vector<OutboxEvent> ComposeEvents(const EventRules& rules, const SourceEvent& event,
                                       int64_t person_id, const AccountSchema& schema);

}  // namespace connector::sync
