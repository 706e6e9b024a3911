#include "sync/event_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace connector::sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

EventRules Rules() {
  EventRules rules;
  rules.rules = {{SourceAction::kChanged, SourceObject::kDeal, "deal_updated"},
                 {SourceAction::kDeleted, SourceObject::kPerson, "contact_deleted"},
                 {SourceAction::kCreated, SourceObject::kActivity, "activity_logged"}};
  rules.stage_changed_event = "deal_stage_changed";
  return rules;
}

AccountSchema Schema() {
  AccountSchema schema;
  schema.pipelines = {{.id = 1, .name = "Sales"}};
  schema.stages = {{.id = 2, .name = "Lead in", .pipeline_id = 1},
                   {.id = 3, .name = "Offer", .pipeline_id = 1}};
  return schema;
}

SourceEvent DealMoved(int64_t from, int64_t to) {
  Deal deal;
  deal.id = 8;
  deal.person_id = 7;
  deal.pipeline_id = 1;
  deal.stage_id = to;
  SourceEvent event;
  event.object = SourceObject::kDeal;
  event.id = "8";
  event.key = "deal/8/updated/2026-11-24T00:00:00Z";
  event.deal_before.stage_id = from;
  event.record = deal;
  return event;
}

std::vector<std::string> NamesOf(const SourceEvent& event, int64_t person = 7) {
  std::vector<std::string> names;
  for (const OutboxEvent& composed : ComposeEvents(Rules(), event, person, Schema())) {
    names.push_back(composed.name);
  }
  return names;
}

std::string Property(const OutboxEvent& event, const std::string& name) {
  for (const auto& [key, value] : event.event_properties) {
    if (key == name) return ToText(value);
  }
  return "(none)";
}

TEST(EventRulesTest, AStageChangeHasAnEventOfItsOwnBesideTheRules) {
  EXPECT_THAT(NamesOf(DealMoved(2, 3)), ElementsAre("deal_updated", "deal_stage_changed"));
  EXPECT_THAT(NamesOf(DealMoved(3, 3)), ElementsAre("deal_updated"));
  SourceEvent created = DealMoved(2, 3);
  created.action = SourceAction::kCreated;
  EXPECT_THAT(NamesOf(created), IsEmpty());
}

TEST(EventRulesTest, StagesAndPipelinesAreToldByName) {
  const auto known = ComposeEvents(Rules(), DealMoved(2, 3), 7, Schema());
  EXPECT_EQ(Property(known[0], "pipeline"), "Sales");
  EXPECT_EQ(Property(known[0], "stage"), "Offer");
  EXPECT_EQ(Property(known[0], "previous_stage"), "Lead in");
  const auto unknown = ComposeEvents(Rules(), DealMoved(2, 99), 7, Schema());
  EXPECT_EQ(Property(unknown[0], "stage"), "99");
}

TEST(EventRulesTest, EachEventOfEachPersonHasAKeyOfItsOwn) {
  std::set<std::string> keys;
  for (const int64_t person : {7, 9}) {
    for (const auto& event : ComposeEvents(Rules(), DealMoved(2, 3), person, Schema())) {
      keys.insert(event.key);
    }
  }
  EXPECT_EQ(keys.size(), 4U);
}

TEST(EventRulesTest, WhoWasMergedIntoAnotherIsNotDeleted) {
  SourceEvent event;
  event.object = SourceObject::kPerson;
  event.action = SourceAction::kDeleted;
  event.id = "7";
  EXPECT_THAT(NamesOf(event), ElementsAre("contact_deleted"));
  event.merged_to = 8;
  EXPECT_THAT(NamesOf(event), IsEmpty());
}

TEST(EventRulesTest, AnActivityConcernsEachParticipantOnce) {
  Activity activity;
  activity.person_id = 7;
  activity.participants = {9, 7};
  SourceEvent event;
  event.object = SourceObject::kActivity;
  event.record = activity;
  EXPECT_THAT(PersonsOf(EventRules{}, event), ElementsAre(7, 9));
}

}  // namespace
}  // namespace connector::sync
