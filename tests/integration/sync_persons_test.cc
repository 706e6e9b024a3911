// The main job through the real binaries: what arrives at Brevo, what it costs, and what survives.

#include <gtest/gtest.h>

#include <random>

#include "integration/harness.h"
#include "integration/look.h"

namespace connector::integration {
namespace {

TEST(SyncPersons, FirstRunWritesSecondRunWritesNothing) {
  World world({.persons = 3000, .organizations = 600, .existing_contacts = 400});
  world.StartService();
  const json first = world.Sync();
  ExpectSucceeded(first);
  const json stats = world.Stats();
  ExpectWellBehaved(stats);
  EXPECT_GT(Number(Progress(first), "created"), 2000);
  const int64_t imports = Number(stats["brevo"]["calls"], "POST /v3/contacts/import");
  EXPECT_GE(imports, 1);
  EXPECT_LE(imports, 2 * 3) << "one body for all attributes and one for each of the lists of "
                               "customers and churned ones; and once more what was given back";
  const json& calls = stats["pipedrive"]["calls"];
  const int64_t person_writes = Number(calls, "PATCH /api/v2/persons/{id}");
  EXPECT_LE(person_writes, 20) << "of values that only Brevo has";
  EXPECT_LE(Calls(stats, "pipedrive") - person_writes, 6 + 2 + 20 + 2) << "leads, too";

  const json again = world.Sync({"--full"});
  ExpectSucceeded(again);
  EXPECT_EQ(Writes(world.Stats()), Writes(stats));
  EXPECT_EQ(Number(Progress(again), "created") + Number(Progress(again), "updated"), 0);
}

TEST(SyncPersons, EveryRecordIsAccountedFor) {
  World world({.persons = 2000});
  world.StartService();
  const json run = world.Sync();
  ExpectSucceeded(run);
  const json& progress = Progress(run);
  int64_t sum =
      Number(progress, "created") + Number(progress, "updated") + Number(progress, "unchanged");
  for (const json& skip : progress.value("skipped", json::array())) sum += Number(skip, "count");
  for (const json& failed : progress.value("failed", json::array())) {
    const std::string reason = failed.value("reason", "");
    if (reason == "FAILURE_REASON_INVALID_EMAIL" || reason == "FAILURE_REASON_REJECTED_BY_BREVO") {
      sum += Number(failed, "count");
    }
  }
  EXPECT_EQ(sum, Number(progress, "read"));
}

TEST(SyncPersons, PersonsWithoutAnAddressBecomeContactsIfAskedFor) {
  World::Options options{.persons = 800};
  options.config_edits = {
      {"person_mapping:", "sync_options: {persons: {without_email: ext_id}}\nperson_mapping:"}};
  World world(options);
  HttpSend("POST", world.sandbox() + "/sandbox/pipedrive/persons",
           {{"name", "Only Phone"},
            {"first_name", "Only"},
            {"phones", {{{"value", "+49 30 12345678"}, {"primary", true}}}}});
  const json added = json::parse(HttpSend("POST", world.sandbox() + "/sandbox/pipedrive/persons",
                                          {{"name", "No Thing"}, {"first_name", "No"}})
                                     .body);
  const std::string bare = std::to_string(Number(added, "id"));
  world.StartService();
  const json first = world.Sync();
  ExpectSucceeded(first);
  ExpectWellBehaved(world.Stats());
  for (const json& skip : Progress(first).value("skipped", json::array())) {
    EXPECT_EQ(skip.value("reason", ""), "SKIP_REASON_DUPLICATE_EMAIL");
  }
  EXPECT_NE(world.State().find("493012345678@mailin-sms.com"), std::string::npos);
  EXPECT_NE(world.State().find("-" + bare + "\""), std::string::npos);

  // The address Brevo made up is taken for none.
  const json again = world.Sync({"--full"});
  ExpectSucceeded(again);
  EXPECT_EQ(Number(Progress(again), "created") + Number(Progress(again), "updated"), 0);

  world.ResetStats();
  HttpSend("POST", world.sandbox() + "/sandbox/pipedrive/persons/" + bare,
           {{"emails", {{{"value", "now@example.org"}, {"primary", true}}}}});
  const json later = world.Sync();
  ExpectSucceeded(later);
  EXPECT_EQ(Number(Progress(later), "updated"), 1);
  EXPECT_EQ(Number(world.Stats()["brevo"]["calls"], "PUT /v3/contacts/{identifier}"), 1)
      << world.Stats().dump(2);
  EXPECT_NE(world.State().find("now@example.org"), std::string::npos);
}

// The number of the person that some contact was made for.
std::string SomeSyncedPerson(const std::string& state) {
  const std::string mark = "\"EXT_ID\":\"pd-";
  const size_t start = state.find('-', state.find(mark) + mark.size()) + 1;
  return state.substr(start, state.find('"', start) - start);
}

TEST(SyncPersons, OneChangedPersonCostsThreeCalls) {
  World world({.persons = 500});
  world.StartService();
  ExpectSucceeded(world.Sync());
  const std::string person = SomeSyncedPerson(world.State());
  for (const std::string& path : std::vector<std::string>{"/" + person, ""}) {
    world.ResetStats();
    const json body = {
        {"name", "Grace Hopper"},
        {"first_name", "Grace"},
        {"emails", {{{"value", "grace" + path.substr(0, 1) + "@example.org"}, {"primary", true}}}}};
    json edit = body;
    if (!path.empty()) edit.erase("emails");
    HttpSend("POST", world.sandbox() + "/sandbox/pipedrive/persons" + path, edit);
    ExpectSucceeded(world.Sync());
    const json stats = world.Stats();
    EXPECT_LE(Calls(stats, "pipedrive") + Calls(stats, "brevo"), 3)
        << "changed contacts, changed persons, and the write: " << stats.dump(2);
    EXPECT_EQ(Writes(stats), 1);
  }
  EXPECT_NE(world.State().find("grace@example.org"), std::string::npos);
}

TEST(SyncPersons, DryRunWritesNothingAndTellsWhatARealRunDoes) {
  World world({.persons = 800, .existing_contacts = 200});
  world.StartService();
  const std::string before = world.State();
  const CommandResult dry = world.Run({"sync", "persons", "--dry-run", "--json"});
  EXPECT_EQ(dry.exit_code, 0) << dry.output;
  EXPECT_EQ(Writes(world.Stats()), 0);
  EXPECT_EQ(world.State(), before);
  int64_t planned_creates = 0;
  int64_t planned_updates = 0;
  for (const json& message : dry.Objects()) {
    for (const json& change : message.value("planned_changes", json::array())) {
      planned_creates += change.value("action", "") == "PLANNED_ACTION_CREATE" ? 1 : 0;
      planned_updates += change.value("action", "") == "PLANNED_ACTION_UPDATE" ? 1 : 0;
    }
  }
  const json real = world.Sync();
  ExpectSucceeded(real);
  // Addresses that only Brevo finds invalid are planned and then refused.
  int64_t refused = 0;
  for (const json& failed : Progress(real).value("failed", json::array())) {
    if (failed.value("reason", "") == "FAILURE_REASON_INVALID_EMAIL") {
      refused += Number(failed, "count");
    }
  }
  EXPECT_EQ(planned_creates, Number(Progress(real), "created") + refused);
  EXPECT_EQ(planned_updates, Number(Progress(real), "updated"));
}

TEST(SyncPersons, KilledTenTimesEndsAsIfItHadNotBeen) {
  const World::Options options{
      .persons = 6000, .organizations = 1200, .existing_contacts = 500, .clock_scale = 20};
  std::string expected;
  int64_t pages = 0;
  {
    World undisturbed(options);
    undisturbed.StartService();
    ExpectSucceeded(undisturbed.Sync());
    expected = undisturbed.State();
    pages = Number(undisturbed.Stats()["pipedrive"]["calls"], "GET /api/v2/persons");
  }
  World world(options);
  world.StartService();
  std::string run_id;
  std::mt19937 random(20261124);
  int kills = 0;
  for (; kills < 10; ++kills) {
    // Into the run by a random number of calls from where it stands, then -9.
    const int64_t until = Calls(world.Stats(), "pipedrive") + Calls(world.Stats(), "brevo") + 1 +
                          static_cast<int64_t>(random() % 6);
    Process client({std::getenv("PIPEDRIVE_CONNECTOR_BINARY"), "sync", "persons", "--address",
                    world.grpc_address()},
                   world.directory() + "/client.log");
    bool ended = false;
    ASSERT_TRUE(AwaitCondition([&] {
      const json stats = world.Stats();
      ended = !client.running();
      return ended || Calls(stats, "pipedrive") + Calls(stats, "brevo") >= until;
    }));
    if (ended) break;
    world.KillService();
    client.Signal(SIGKILL);
    client.Wait();
    world.StartService();
  }
  EXPECT_GE(kills, 5) << "the run was over before it could be disturbed";
  // Joins the run if it is under way still; else it is an incremental one, which changes nothing.
  ExpectSucceeded(world.Sync());
  EXPECT_EQ(world.State(), expected);
  ExpectWellBehaved(world.Stats());
  EXPECT_LE(Number(world.Stats()["pipedrive"]["calls"], "GET /api/v2/persons"), pages + kills + 1);
}

TEST(SyncPersons, ApiVersionOneGivesTheSameContacts) {
  World::Options options{.persons = 600, .existing_contacts = 50};
  World v2(options);
  v2.StartService();
  ExpectSucceeded(v2.Sync());
  options.api_version = "v1";
  World v1(options);
  v1.StartService();
  ExpectSucceeded(v1.Sync());
  EXPECT_EQ(v1.State(), v2.State());
}

TEST(SyncPersons, ACancelledRunStopsAndTheNextOneFinishesItsWork) {
  World::Options options{.persons = 3000};
  std::string expected;
  {
    World undisturbed(options);
    undisturbed.StartService();
    ExpectSucceeded(undisturbed.Sync());
    expected = undisturbed.State();
  }
  options.clock_scale = 10;  // the heartbeat sees the cancel within 0.2 s, while persons are read
  World world(options);
  world.StartService();
  Process client({std::getenv("PIPEDRIVE_CONNECTOR_BINARY"), "sync", "persons", "--json",
                  "--address", world.grpc_address()},
                 world.directory() + "/client.log");
  ASSERT_TRUE(AwaitCondition([&] { return Calls(world.Stats(), "pipedrive") >= 5; }));
  const std::vector<json> runs = world.Run({"runs", "list", "--json"}).Objects();
  ASSERT_FALSE(runs.empty());
  const json& newest = runs.front().contains("runs") ? runs.front()["runs"][0] : runs.front();
  EXPECT_EQ(world.Run({"runs", "cancel", newest.value("run_id", "")}).exit_code, 0);
  EXPECT_NE(client.Wait(), 0);
  EXPECT_NE(client.output().find("RUN_STATE_CANCELLED"), std::string::npos) << client.output();
  EXPECT_NE(world.State(), expected) << "it went on to the end";
  ExpectSucceeded(world.Sync());
  EXPECT_EQ(world.State(), expected);
}

TEST(SyncPersons, AStoppedServiceGivesItsRunBackAndGoesOn) {
  World world({.persons = 6000, .clock_scale = 5});
  world.StartService();
  Process client({std::getenv("PIPEDRIVE_CONNECTOR_BINARY"), "sync", "persons", "--address",
                  world.grpc_address()},
                 world.directory() + "/client.log");
  ASSERT_TRUE(AwaitCondition([&] { return Calls(world.Stats(), "pipedrive") >= 6; }));
  EXPECT_EQ(world.StopService(), 0);
  client.Wait();
  world.StartService();
  const json resumed = world.Sync();
  ExpectSucceeded(resumed);
  EXPECT_TRUE(Progress(resumed).value("joined_existing", false)) << resumed.dump(2);
}

}  // namespace
}  // namespace connector::integration
