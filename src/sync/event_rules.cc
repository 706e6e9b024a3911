#include "sync/event_rules.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/time_format.h"
#include "mapping/person_mapper.h"

namespace connector::sync {
namespace {

using Properties = std::vector<std::pair<std::string, Value>>;

void Add(Properties& properties, std::string_view name, std::string_view text) {
  if (!text.empty()) properties.emplace_back(name, std::string(text));
}

template <typename Number>
void Add(Properties& properties, std::string_view name, const std::optional<Number>& number) {
  if (number) properties.emplace_back(name, static_cast<double>(*number));
}

std::string StageName(const AccountSchema& schema, std::optional<int64_t> id) {
  if (!id) return "";
  const Stage* stage = FindStage(schema, *id);
  return stage != nullptr ? stage->name : absl::StrCat(*id);
}

std::string PipelineName(const AccountSchema& schema, std::optional<int64_t> id) {
  if (!id) return "";
  const Pipeline* pipeline = FindPipeline(schema, *id);
  return pipeline != nullptr ? pipeline->name : absl::StrCat(*id);
}

bool ChangedStage(const SourceEvent& event) {
  const auto* deal = std::get_if<Deal>(&event.record);
  return deal != nullptr && event.action == SourceAction::kChanged && event.deal_before.stage_id &&
         deal->stage_id && *event.deal_before.stage_id != *deal->stage_id;
}

// Adds what a record tells of itself.
struct Teller {
  const AccountSchema& schema;
  const SourceEvent& event;
  int64_t person_id;
  Properties& properties;

  void operator()(std::monostate) const {}
  void operator()(const Person& person) const {
    Add(properties, "name", person.name.value_or(""));
    Add(properties, "email", mapping::ChooseEmail(person).email);
    Add(properties, "org_id", person.org_id);
    Add(properties, "owner_id", person.owner_id);
  }
  void operator()(const Deal& deal) const {
    Add(properties, "title", deal.title);
    Add(properties, "value", deal.value);
    Add(properties, "currency", deal.currency);
    Add(properties, "pipeline", PipelineName(schema, deal.pipeline_id));
    Add(properties, "stage", StageName(schema, deal.stage_id));
    properties.emplace_back("stage_changed", ChangedStage(event));
    Add(properties, "previous_stage", StageName(schema, event.deal_before.stage_id));
    Add(properties, "status", DealStatusName(deal.status));
    Add(properties, "lost_reason", deal.lost_reason);
    Add(properties, "owner_id", deal.owner_id);
    Add(properties, "org_id", deal.org_id);
  }
  void operator()(const Organization& organization) const {
    Add(properties, "name", organization.name.value_or(""));
  }
  void operator()(const Activity& activity) const {
    Add(properties, "type", activity.type);
    Add(properties, "subject", activity.subject);
    Add(properties, "due_date", activity.due_date);
    Add(properties, "due_time", activity.due_time);
    Add(properties, "duration", activity.duration);
    properties.emplace_back("status", std::string(activity.done ? "done" : "planned"));
    properties.emplace_back("done", activity.done);
    if (activity.done && activity.marked_as_done_time) {
      Add(properties, "done_time", FormatSeconds(*activity.marked_as_done_time));
    }
    Add(properties, "deal_id", activity.deal_id);
    Add(properties, "lead_id", activity.lead_id);
    Add(properties, "org_id", activity.org_id);
    Add(properties, "owner_id", activity.owner_id);
    properties.emplace_back("primary", activity.person_id == person_id);
  }
  void operator()(const Lead& lead) const {
    Add(properties, "title", lead.title);
    if (lead.value) {
      properties.emplace_back("value", lead.value->amount);
      Add(properties, "currency", lead.value->currency);
    }
    Add(properties, "source", lead.source_name);
    properties.emplace_back("is_archived", lead.is_archived);
    Add(properties, "owner_id", lead.owner_id);
  }
};

Properties Tell(const SourceEvent& event, int64_t person_id, const AccountSchema& schema) {
  Properties properties;
  Add(properties, "id", event.id);
  Add(properties, "merged_from", event.merged_from);
  Add(properties, "merged_to", event.merged_to);
  std::visit(Teller{schema, event, person_id, properties}, event.record);
  return properties;
}

OutboxEvent Compose(const std::string& name, const SourceEvent& event, int64_t person_id,
                    const AccountSchema& schema) {
  OutboxEvent composed;
  composed.key = absl::StrCat(event.key, "/", name, "/", person_id);
  composed.person_id = person_id;
  composed.name = name;
  composed.occurred_at = event.occurred_at.value_or(event.update_time.value_or(Time{}));
  composed.event_properties = Tell(event, person_id, schema);
  return composed;
}

template <typename Record>
std::vector<int64_t> OnePerson(const Record& record) {
  if (!record.person_id) return {};
  return {*record.person_id};
}

}  // namespace

bool EventRules::Concern(SourceObject object) const {
  if (object == SourceObject::kDeal && !stage_changed_event.empty()) return true;
  return std::any_of(rules.begin(), rules.end(),
                     [object](const EventRule& rule) { return rule.object == object; });
}

std::vector<int64_t> PersonsOf(const EventRules& rules, const SourceEvent& event) {
  if (const auto* deal = std::get_if<Deal>(&event.record)) return OnePerson(*deal);
  if (const auto* lead = std::get_if<Lead>(&event.record)) return OnePerson(*lead);
  if (const auto* activity = std::get_if<Activity>(&event.record)) {
    if (rules.primary_participants_only && activity->person_id) return {*activity->person_id};
    std::vector<int64_t> persons = activity->participants;
    if (activity->person_id) persons.push_back(*activity->person_id);
    std::sort(persons.begin(), persons.end());
    persons.erase(std::unique(persons.begin(), persons.end()), persons.end());
    return persons;
  }
  if (const auto* person = std::get_if<Person>(&event.record)) return {person->id};
  return {};
}

std::vector<OutboxEvent> ComposeEvents(const EventRules& rules, const SourceEvent& event,
                                       int64_t person_id, const AccountSchema& schema) {
  std::vector<OutboxEvent> events;
  // Who was merged into another is not deleted: the merge is told of the one that stays.
  if (event.action == SourceAction::kDeleted && event.merged_to) return events;
  for (const EventRule& rule : rules.rules) {
    if (rule.object != event.object || rule.action != event.action) continue;
    events.push_back(Compose(rule.brevo_event, event, person_id, schema));
  }
  if (!rules.stage_changed_event.empty() && ChangedStage(event)) {
    events.push_back(Compose(rules.stage_changed_event, event, person_id, schema));
  }
  return events;
}

}  // namespace connector::sync
