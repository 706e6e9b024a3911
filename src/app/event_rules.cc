#include "app/event_rules.h"

#include <array>
#include <string_view>
#include <utility>

namespace connector::app {
namespace {

SourceAction ActionOf(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, SourceAction>, 7> kWords = {
      {{"added", SourceAction::kCreated},
       {"create", SourceAction::kCreated},
       {"updated", SourceAction::kChanged},
       {"change", SourceAction::kChanged},
       {"deleted", SourceAction::kDeleted},
       {"delete", SourceAction::kDeleted},
       {"merged", SourceAction::kMerged}}};
  for (const auto& [name, action] : kWords) {
    if (name == word) return action;
  }
  return SourceAction::kChanged;  // the configuration takes no other word
}

SourceObject ObjectOf(std::string_view word) {
  for (const SourceObject object :
       {SourceObject::kPerson, SourceObject::kDeal, SourceObject::kOrganization,
        SourceObject::kActivity, SourceObject::kLead}) {
    if (SourceObjectName(object) == word) return object;
  }
  return SourceObject::kOther;
}

}  // namespace

sync::EventRules EventRulesOf(const config::Connection& connection) {
  sync::EventRules rules;
  rules.stage_changed_event = connection.deals.stage_changed_event;
  rules.primary_participants_only = connection.activities.participants == "primary";
  for (const config::WebhookRule& rule : connection.webhooks) {
    rules.rules.push_back(
        {ActionOf(rule.event_action), ObjectOf(rule.event_object), rule.brevo_event});
  }
  return rules;
}

}  // namespace connector::app
