// Organizations through the real binaries: what of them reaches the contacts of their persons.

#include <gtest/gtest.h>

#include <map>

#include "integration/harness.h"
#include "integration/look.h"

namespace connector::integration {
namespace {

const std::map<std::string, std::string> kEdits = {
    {"company_domain: \"acme\"",
     "company_domain: \"acme\"\n    webhook: {user: \"pipedrive\", password: \"open sesame\"}"},
    {"person_mapping:",
     "sync_options: {organizations: {incremental: {interval: off}, full: {interval: off}}}\n"
     "person_mapping:"}};

// How many contacts have this company.
int64_t Named(World& world, const std::string& company) {
  int64_t count = 0;
  const json state = json::parse(world.State());
  for (const json& contact : state["contacts"]) {
    count += contact["attributes"].value("COMPANY", "") == company ? 1 : 0;
  }
  return count;
}

void Edit(World& world, int64_t id, const json& body) {
  const HttpResult result = HttpSend(
      "POST", world.sandbox() + "/sandbox/pipedrive/organizations/" + std::to_string(id), body);
  EXPECT_EQ(result.status, 200) << result.body;
}

TEST(SyncOrganizations, ARenamedOneReachesItsPersonsAndNothingElseIsWritten) {
  for (const char* version : {"v2", "v1"}) {
    World world(
        {.persons = 600, .organizations = 6, .config_edits = kEdits, .api_version = version});
    world.StartService();
    ExpectSucceeded(world.Sync());
    ExpectSucceeded(world.Sync({}, "organizations"));
    const std::string before = world.State();
    const int64_t writes = Writes(world.Stats());
    ExpectSucceeded(world.Sync({"--full"}, "organizations"));
    EXPECT_EQ(Writes(world.Stats()), writes) << "what is right already costs no write";
    EXPECT_EQ(FirstDifference(world.State(), before), "");

    Edit(world, 1, {{"name", "Renamed Ltd"}});
    world.ResetStats();
    const json changed = world.Sync({}, "organizations");
    ExpectSucceeded(changed);
    const int64_t named = Named(world, "Renamed Ltd");
    EXPECT_GT(named, 10) << version;
    EXPECT_EQ(Number(Progress(changed), "updated"), named);
    EXPECT_EQ(Calls(world.Stats(), "pipedrive"), 1);
    // An import, and what an import can't express.
    EXPECT_LE(Writes(world.Stats()), 4) << "of " << named << " contacts";

    HttpSend("DELETE", world.sandbox() + "/sandbox/pipedrive/organizations/1", {});
    ExpectSucceeded(world.Sync({"--full"}, "organizations"));
    EXPECT_EQ(Named(world, "Renamed Ltd"), 0) << "deleted";
    ExpectWellBehaved(world.Stats());
  }
}

TEST(SyncOrganizations, AWebhookReachesAllPersonsOfIt) {
  World world({.persons = 300, .organizations = 6, .config_edits = kEdits});
  world.StartService();
  ExpectSucceeded(world.Sync());
  world.Subscribe("pipedrive", "open sesame");
  Edit(world, 2, {{"name", "Told Ltd"}});
  Edit(world, 3, {{"name", "Renamed Ltd"}});
  EXPECT_TRUE(AwaitCondition([&] { return Named(world, "Told Ltd") > 5; }));
  const int64_t writes = Writes(world.Stats());
  EXPECT_TRUE(AwaitCondition([&] { return Named(world, "Renamed Ltd") > 5; }));
  EXPECT_GE(Writes(world.Stats()), writes);
}

TEST(SyncOrganizations, AKillInTheMiddleGivesTheSameState) {
  std::vector<std::string> states;
  for (const bool kills : {false, true}) {
    World world({.persons = 1000, .organizations = 3, .config_edits = kEdits});
    world.StartService();
    ExpectSucceeded(world.Sync());
    for (int64_t id = 1; id <= 3; ++id) Edit(world, id, {{"name", "New " + std::to_string(id)}});
    if (kills) {
      EXPECT_EQ(world.Run({"sync", "organizations", "--full", "--detach"}).exit_code, 0);
      EXPECT_TRUE(AwaitCondition([&] { return Writes(world.Stats()) > 0; }));
      world.KillService();
      world.StartService();
    }
    ExpectSucceeded(world.Sync({"--full"}, "organizations"));
    EXPECT_TRUE(AwaitCondition([&] { return Named(world, "New 1") > 0; }));
    states.push_back(world.State());
  }
  EXPECT_EQ(FirstDifference(states[1], states[0]), "");
}

}  // namespace
}  // namespace connector::integration
