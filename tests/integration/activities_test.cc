// Activities through the real binaries: which events Brevo gets, and what that costs.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "integration/harness.h"
#include "integration/look.h"

namespace connector::integration {
namespace {

// A backfill that reaches beyond the oldest seeded record.
constexpr char kRules[] = R"(webhooks:
  - {event_action: added, event_object: activity, brevo_event: activity_logged}
  - {event_action: updated, event_object: activity, brevo_event: activity_changed}
  - {event_action: deleted, event_object: activity, brevo_event: activity_deleted}
sync_options: {activities: {backfill: 3650d, incremental: {interval: off}, full: {interval: off}}}
person_mapping:)";

World::Options WithRules(std::string rules = kRules) {
  World::Options options;
  options.persons = 600;
  options.config_edits = {{"company_domain: \"acme\"",
                           "company_domain: \"acme\"\n    webhook: {user: \"pipedrive\", "
                           "password: \"open sesame\"}"},
                          {"person_mapping:", std::move(rules)}};
  return options;
}

std::string WithoutBackfill() {
  std::string rules = kRules;
  rules.replace(rules.find("3650d"), 5, "off");
  return rules;
}

json Activities(World& world) {
  return HttpGet(world.sandbox() + "/sandbox/pipedrive/activities").Json()["activities"];
}

// Brevo's events by name and the activity's id.
std::multiset<std::string> Events(World& world) {
  std::multiset<std::string> events;
  for (const json& event : HttpGet(world.sandbox() + "/sandbox/events").Json()) {
    events.insert(event.value("event_name", "") + " " +
                  event.at("event_properties").at("id").get<std::string>());
  }
  return events;
}

int64_t Edit(World& world, const std::string& path, const json& body) {
  const HttpResult result = HttpSend("POST", world.sandbox() + "/sandbox/pipedrive" + path, body);
  EXPECT_EQ(result.status, 200) << result.body;
  return result.Json().value("id", int64_t{0});
}

// One "activity_logged" for each activity of a person with a contact.
std::multiset<std::string> WantedEvents(World& world) {
  std::set<int64_t> with_contact;
  const json state = json::parse(world.State());
  for (const json& contact : state["contacts"]) {
    const std::string ext_id = contact["attributes"].value("EXT_ID", "");
    const size_t dash = ext_id.rfind('-');
    if (dash != std::string::npos) with_contact.insert(std::stoll(ext_id.substr(dash + 1)));
  }
  std::multiset<std::string> wanted;
  for (const json& activity : Activities(world)) {
    if (with_contact.contains(activity["person_id"].get<int64_t>())) {
      wanted.insert("activity_logged " + std::to_string(activity["id"].get<int64_t>()));
    }
  }
  return wanted;
}

TEST(SyncActivities, ABackfillTellsEachOnceAndASecondRunNothing) {
  for (const char* version : {"v2", "v1"}) {
    World::Options options = WithRules();
    options.api_version = version;
    World world(std::move(options));
    world.StartService();
    ExpectSucceeded(world.Sync());
    const json first = world.Sync({}, "activities");
    ExpectSucceeded(first);
    EXPECT_EQ(Number(Progress(first), "created"), 30) << version;
    const std::multiset<std::string> wanted = WantedEvents(world);
    ASSERT_GT(wanted.size(), 15U);
    const auto all_there = [&] {
      const auto events = Events(world);
      return std::includes(events.begin(), events.end(), wanted.begin(), wanted.end());
    };
    EXPECT_TRUE(AwaitCondition(all_there)) << version;
    const std::multiset<std::string> events = Events(world);
    EXPECT_EQ(std::set<std::string>(events.begin(), events.end()).size(), events.size());

    const int64_t writes = Writes(world.Stats());
    const json second = world.Sync({"--full"}, "activities");
    ExpectSucceeded(second);
    EXPECT_EQ(Number(Progress(second), "created"), 0);
    EXPECT_EQ(Number(Progress(second), "updated"), 0);
    EXPECT_EQ(Events(world), events);
    EXPECT_EQ(Writes(world.Stats()), writes);
    ExpectWellBehaved(world.Stats());
  }
}

TEST(SyncActivities, WithoutABackfillOnlyNewOnesAndAChangeCostsOneCall) {
  World world(WithRules(WithoutBackfill()));
  world.StartService();
  ExpectSucceeded(world.Sync());
  EXPECT_EQ(Number(Progress(world.Sync({}, "activities")), "created"), 0);
  const json person = {{"name", "Ann New"},
                       {"emails", {{{"value", "ann@activities.example"}, {"primary", true}}}}};
  const int64_t ann = Edit(world, "/persons", person);
  const int64_t id = Edit(world, "/activities",
                          {{"subject", "Lunch"},
                           {"type", "lunch"},
                           {"participants", {{{"person_id", ann}, {"primary", true}}}}});
  const std::string text = std::to_string(id);
  ExpectSucceeded(world.Sync({}, "activities"));
  EXPECT_TRUE(AwaitCondition([&] { return Events(world).contains("activity_logged " + text); }));

  Edit(world, "/activities/" + text, {{"done", true}});
  world.ResetStats();
  const json changed = world.Sync({}, "activities");
  EXPECT_EQ(Number(Progress(changed), "updated"), 1) << changed.dump(2);
  EXPECT_EQ(Calls(world.Stats(), "pipedrive"), 1);
  EXPECT_TRUE(AwaitCondition([&] { return Events(world).contains("activity_changed " + text); }));
  for (const json& event : HttpGet(world.sandbox() + "/sandbox/events").Json()) {
    if (event["event_name"] != "activity_changed") continue;
    EXPECT_EQ(event["event_properties"]["status"], "done");
    EXPECT_EQ(event["event_properties"]["type"], "lunch");
  }
}

TEST(SyncActivities, AWebhookAndARunAreOneEvent) {
  World world(WithRules(WithoutBackfill()));
  world.StartService();
  ExpectSucceeded(world.Sync());
  world.Sync({}, "activities");
  world.Subscribe("pipedrive", "open sesame");
  const json state = json::parse(world.State());
  int64_t person = 0;
  for (const json& contact : state["contacts"]) {
    const std::string ext_id = contact["attributes"].value("EXT_ID", "");
    if (ext_id.rfind("pd-", 0) == 0) person = std::stoll(ext_id.substr(ext_id.rfind('-') + 1));
  }
  ASSERT_GT(person, 0);
  const int64_t id =
      Edit(world, "/activities",
           {{"subject", "Call"}, {"participants", {{{"person_id", person}, {"primary", true}}}}});
  const std::string text = std::to_string(id);
  ExpectSucceeded(world.Sync({}, "activities"));
  Edit(world, "/activities/" + text, {{"done", true}});
  ExpectSucceeded(world.Sync({}, "activities"));
  HttpSend("DELETE", world.sandbox() + "/sandbox/pipedrive/activities/" + text, {});
  EXPECT_TRUE(AwaitCondition([&] { return Events(world).contains("activity_deleted " + text); }));
  ExpectSucceeded(world.Sync({"--full"}, "activities"));
  const std::multiset<std::string> events = Events(world);
  for (const char* name : {"activity_logged ", "activity_changed ", "activity_deleted "}) {
    EXPECT_EQ(events.count(name + text), 1U) << name;
  }
}

TEST(SyncActivities, AKillInTheMiddleTellsNothingTwice) {
  World::Options options = WithRules();
  options.persons = 3000;
  World world(std::move(options));
  world.StartService();
  ExpectSucceeded(world.Sync());
  const CommandResult detached = world.Run({"sync", "activities", "--detach"});
  EXPECT_EQ(detached.exit_code, 0) << detached.output;
  EXPECT_TRUE(AwaitCondition([&] { return !Events(world).empty(); }));
  world.KillService();
  world.StartService();
  ExpectSucceeded(world.Sync({}, "activities"));
  const std::multiset<std::string> wanted = WantedEvents(world);
  const auto all_there = [&] {
    const auto events = Events(world);
    return std::includes(events.begin(), events.end(), wanted.begin(), wanted.end());
  };
  EXPECT_TRUE(AwaitCondition(all_there));
  const std::multiset<std::string> events = Events(world);
  EXPECT_EQ(std::set<std::string>(events.begin(), events.end()).size(), events.size());
}

TEST(SyncActivities, SwitchedOffItIsRefusedAndItsWebhooksAreIgnored) {
  World::Options options = WithRules();
  options.config_edits["activities: true"] = "activities: false";
  World world(std::move(options));
  world.StartService();
  const CommandResult refused = world.Run({"sync", "activities"});
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_NE(refused.output.find("connectors.pipedrive.sync.activities"), std::string::npos)
      << refused.output;
}

}  // namespace
}  // namespace connector::integration
