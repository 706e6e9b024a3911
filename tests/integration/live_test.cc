// Changes in Pipedrive that reach Brevo by webhook, without a run.

#include <curl/curl.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "integration/harness.h"
#include "integration/look.h"

namespace connector::integration {
namespace {

constexpr char kRules[] = R"(webhooks:
  - {event_action: added, event_object: person, brevo_event: contact_created}
  - {event_action: updated, event_object: person, brevo_event: contact_updated}
  - {event_action: merged, event_object: person, brevo_event: contact_merged}
  - {event_action: added, event_object: activity, brevo_event: activity_logged}
person_mapping:)";

World::Options WithDoor(int persons, double clock_scale) {
  World::Options options;
  options.clock_scale = clock_scale;
  options.persons = persons;
  options.organizations = persons / 10;
  options.existing_contacts = persons / 20;
  options.config_edits = {{"company_domain: \"acme\"",
                           "company_domain: \"acme\"\n    webhook: {user: \"pipedrive\", "
                           "password: \"open sesame\"}"},
                          {"person_mapping:", kRules}};
  return options;
}

void ReplaceInFile(const std::string& path, const std::string& from, const std::string& to) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  std::string content = text.str();
  const size_t at = content.find(from);
  ASSERT_NE(at, std::string::npos) << content;
  content.replace(at, from.size(), to);
  std::ofstream(path) << content;
}

// A world in step, whose Pipedrive tells the service of every change.
class LiveWorld {
 public:
  explicit LiveWorld(int persons, double clock_scale = 30) : world(WithDoor(persons, clock_scale)) {
    world.StartService();
    ExpectSucceeded(world.Sync());
    world.Subscribe("pipedrive", "open sesame");
    world.ResetStats();
  }

  HttpResult Do(const std::string& path, const json& body) {
    const HttpResult result = HttpSend("POST", world.sandbox() + "/sandbox/pipedrive" + path, body);
    EXPECT_LT(result.status, 300) << result.body;
    return result;
  }
  int64_t AddPerson(const std::string& name, const std::string& email) {
    return Number(Do("/persons", {{"name", name + " Live"},
                                  {"first_name", name},
                                  {"emails", {{{"value", email}, {"primary", true}}}}})
                      .Json(),
                  "id");
  }
  json Contact(const std::string& email) {
    const json state = json::parse(world.State());
    for (const json& contact : state.at("contacts")) {
      if (contact.value("email", "") == email) return contact;
    }
    return nullptr;
  }
  std::string Attribute(const std::string& email, const std::string& name) {
    const json contact = Contact(email);
    if (!contact.is_object() || !contact["attributes"].contains(name)) return "";
    return contact["attributes"][name].get<std::string>();
  }
  // Brevo's events of this name, by the id of the record they tell of.
  std::multiset<std::string> Events(const std::string& name) {
    std::multiset<std::string> ids;
    for (const json& event : HttpGet(world.sandbox() + "/sandbox/events").Json()) {
      if (event.value("event_name", "") != name) continue;
      ids.insert(event.at("event_properties").at("id").get<std::string>());
    }
    return ids;
  }
  // That nothing is left to do, which only a run of everything can tell.
  void ExpectInStep() {
    const int64_t writes = Writes(world.Stats());
    const json run = world.Sync({"--full"});
    ExpectSucceeded(run);
    EXPECT_EQ(Writes(world.Stats()), writes) << Progress(run).dump(2);
  }
  // Until everything that was told is worked off.
  bool AwaitQuiet() {
    return AwaitCondition([this] {
      const std::string metrics = HttpGet(world.admin_url() + "/metrics").body;
      for (const char* queue : {"sync_dirty_contacts", "sync_open_imports", "sync_inbox_webhooks",
                                "sync_outbox_events"}) {
        if (metrics.find(std::string(queue) + "{connection=\"default\"} 0\n") ==
            std::string::npos) {
          return false;
        }
      }
      return true;
    });
  }
  // Until so many changes, and the copies of them that were sent, are acknowledged.
  bool AwaitDelivered(int64_t changes) {
    return AwaitCondition([this, changes] {
      const json webhooks = world.Stats()["webhooks"];
      return Number(webhooks, "sent") >= changes + Number(webhooks, "doubled");
    });
  }

  World world;
};

TEST(Live, APersonsLifeReachesBrevo) {
  LiveWorld live(200);
  const int64_t id = live.AddPerson("Ann", "ann@live.example");
  ASSERT_TRUE(AwaitCondition([&] { return live.Contact("ann@live.example").is_object(); }));
  EXPECT_EQ(live.Attribute("ann@live.example", "FIRSTNAME"), "Ann");
  live.Do("/persons/" + std::to_string(id), {{"name", "Anna Live"}});
  EXPECT_TRUE(AwaitCondition(
      [&] { return live.Attribute("ann@live.example", "FULLNAME") == "Anna Live"; }));
  live.Do("/persons/" + std::to_string(id),
          {{"emails", {{{"value", "anna@live.example"}, {"primary", true}}}}});
  EXPECT_TRUE(AwaitCondition([&] { return live.Contact("anna@live.example").is_object(); }));
  EXPECT_TRUE(live.Contact("ann@live.example").is_null()) << "the contact moved, none was made";
  ASSERT_TRUE(live.AwaitQuiet());
  const std::string text = std::to_string(id);
  EXPECT_EQ(live.Events("contact_created"), std::multiset<std::string>{text});
  // Two changes within one second have one key.
  const size_t updates = live.Events("contact_updated").count(text);
  EXPECT_TRUE(updates == 1 || updates == 2) << updates;
  const json stats = live.world.Stats();
  ExpectWellBehaved(stats);
  EXPECT_LE(Calls(stats, "pipedrive"), 2) << "only states of one second need another look";
  live.ExpectInStep();
}

TEST(Live, AnOrganizationsNewNameReachesItsPersons) {
  LiveWorld live(200);
  const int64_t id = live.AddPerson("Bob", "bob@live.example");
  live.Do("/persons/" + std::to_string(id), {{"org_id", 1}});
  live.Do("/organizations/1", {{"name", "Renamed Inc."}});
  EXPECT_TRUE(AwaitCondition(
      [&] { return live.Attribute("bob@live.example", "COMPANY") == "Renamed Inc."; }));
  ASSERT_TRUE(live.AwaitQuiet());
  live.ExpectInStep();
}

TEST(Live, AMergeMovesTheBindingAndDeletesNobody) {
  LiveWorld live(200);
  const int64_t kept = live.AddPerson("Cleo", "cleo@live.example");
  const int64_t gone = live.AddPerson("Clea", "clea@live.example");
  ASSERT_TRUE(AwaitCondition([&] { return live.Contact("clea@live.example").is_object(); }));
  ASSERT_TRUE(live.AwaitQuiet());
  live.Do("/persons/" + std::to_string(gone) + "/merge", {{"merge_with_id", kept}});
  EXPECT_TRUE(AwaitCondition([&] { return live.Events("contact_merged").size() == 1; }));
  ASSERT_TRUE(live.AwaitQuiet());
  EXPECT_TRUE(live.Contact("cleo@live.example").is_object());
  EXPECT_TRUE(live.Contact("clea@live.example").is_object());
  live.ExpectInStep();
}

// The service is down until Pipedrive stops trying: what it missed is told, each change once.
TEST(Live, WhatABanLosesIsToldAfterwards) {
  LiveWorld live(100, 60);
  std::map<std::string, int64_t> people;
  for (int i = 0; i < 14; ++i) {
    const std::string email = "p" + std::to_string(i) + "@ban.example";
    people[email] = live.AddPerson("P" + std::to_string(i), email);
  }
  // From now on the service looks after its webhooks.
  ASSERT_EQ(live.world.StopService(), 0);
  ReplaceInFile(live.world.config_file(), "webhook: {user:",
                "webhook: {public_url: \"" + live.world.public_url() + "\", user:");
  live.world.StartService();
  ASSERT_TRUE(AwaitCondition([&] {
    return live.world.Run({"webhooks", "list", "--json"}).Objects().size() == 7U;
  }));
  ASSERT_TRUE(live.AwaitQuiet());
  ASSERT_EQ(live.Events("contact_updated").size(), 0U);

  live.world.KillService();
  std::multiset<std::string> changed;
  for (const auto& [email, id] : people) {
    live.Do("/persons/" + std::to_string(id), {{"name", "Changed Live"}});
    changed.insert(std::to_string(id));
  }
  ASSERT_TRUE(AwaitCondition([&] { return Number(live.world.Stats()["webhooks"], "lost") >= 14; }));
  const int64_t late = live.AddPerson("Late", "late@ban.example");
  live.world.StartService();
  ASSERT_TRUE(AwaitCondition([&] { return live.Events("contact_updated").size() >= 14U; }));
  ASSERT_TRUE(live.AwaitQuiet());
  EXPECT_EQ(live.Events("contact_updated"), changed);
  EXPECT_EQ(live.Events("contact_created").count(std::to_string(late)), 1U);
  EXPECT_EQ(live.Attribute("p3@ban.example", "FULLNAME"), "Changed Live");
  live.ExpectInStep();
}

// Killed when everything is acknowledged and hardly anything is applied.
TEST(Live, AStormSurvivesAnyDeath) {
  // Slower than the others: a delivery must be acknowledged within ten seconds of the shared clock.
  LiveWorld live(1500, 6);
  HttpSend("POST", live.world.sandbox() + "/sandbox/webhooks",
           {{"reorder_s", 2}, {"duplicates", 0.3}});
  int64_t changes = 0;
  for (int round = 0; round < 3; ++round) {
    const json bulk = live.Do("/persons/bulk",
                              {{"from", 1 + round * 300},
                               {"to", 600 + round * 300},
                               {"changes", {{"name", "Storm" + std::to_string(round) + " {id}"}}}})
                          .Json();
    changes += Number(bulk, "changed");
    for (int64_t i = 0; i < 20; ++i) {
      live.Do("/persons/" + std::to_string(1 + round * 300 + i * 7),
              {{"name", "Single " + std::to_string(round)}});
      ++changes;
    }
    ASSERT_TRUE(live.AwaitDelivered(changes)) << live.world.Stats()["webhooks"] << changes;
    live.world.KillService();
    live.world.StartService();
  }
  ASSERT_TRUE(live.AwaitQuiet());
  // No change is told twice, and hardly a person of the 1,200 has no contact to be told of.
  std::set<std::string> told;
  for (const json& event : HttpGet(live.world.sandbox() + "/sandbox/events").Json()) {
    const std::string change =
        event.at("event_properties").at("id").get<std::string>() + event.value("event_date", "");
    EXPECT_TRUE(told.insert(change).second) << change;
  }
  const std::multiset<std::string> updates = live.Events("contact_updated");
  EXPECT_GE(std::set<std::string>(updates.begin(), updates.end()).size(), 1100U);
  ExpectWellBehaved(live.world.Stats());
  live.ExpectInStep();
}

}  // namespace
}  // namespace connector::integration
