// The subscriptions at Pipedrive, from outside: made at the start, tidied, and made anew.

#include <gtest/gtest.h>

#include <set>

#include "integration/harness.h"
#include "integration/look.h"

namespace connector::integration {
namespace {

// By the configuration of the harness, which syncs everything.
const std::set<std::string> kWanted = {"activity", "deal",     "lead", "organization",
                                       "person",   "pipeline", "stage"};

World::Options Subscribing() {
  World::Options options;
  options.persons = 20;
  options.organizations = 5;
  options.existing_contacts = 0;
  options.config_edits = {{"    sync: {persons",
                           "    webhook: {user: pipedrive, password: s3cr3t-door, "
                           "public_url: \"http://127.0.0.1:9\"}\n    sync: {persons"}};
  return options;
}

std::vector<json> List(World& world) { return world.Run({"webhooks", "list", "--json"}).Objects(); }

std::set<std::string> Objects(const std::vector<json>& webhooks) {
  std::set<std::string> objects;
  for (const json& one : webhooks) objects.insert(one["event_object"].get<std::string>());
  return objects;
}

TEST(Subscriptions, AreMadeAtTheStartAndTidiedOnDemand) {
  World world(Subscribing());
  world.StartService();
  ASSERT_TRUE(AwaitCondition([&] { return List(world).size() == kWanted.size(); }));
  EXPECT_EQ(Objects(List(world)), kWanted);
  for (const json& one : List(world)) {
    EXPECT_EQ(one["event_action"], "*");
    EXPECT_EQ(one["version"], "2.0");
    EXPECT_EQ(one["url"], "http://127.0.0.1:9/webhooks/pipedrive");
    EXPECT_EQ(one["ours"], true);
  }
  const std::string json_text = world.Run({"webhooks", "list", "--json"}).output;
  EXPECT_EQ(json_text.find("s3cr3t-door"), std::string::npos);

  // A double and a loss: one call mends both, another finds nothing to do.
  const std::string api = world.sandbox() + "/sandbox/pipedrive/webhooks";
  EXPECT_EQ(HttpSend("POST", api,
                     {{"subscription_url", "http://127.0.0.1:9/webhooks/pipedrive"},
                      {"event_action", "change"},
                      {"event_object", "person"},
                      {"name", "by hand"}})
                .status,
            201);
  const json lost = List(world).front();
  EXPECT_EQ(HttpSend("DELETE", api + "/" + std::to_string(Number(lost, "id")), {}).status, 200);
  const CommandResult ensured = world.Run({"webhooks", "ensure", "--json"});
  EXPECT_EQ(ensured.exit_code, 0) << ensured.output;
  EXPECT_EQ(List(world).size(), kWanted.size());
  EXPECT_EQ(Objects(List(world)), kWanted);
  const int64_t writes = Number(world.Stats()["pipedrive"], "writes");
  EXPECT_EQ(world.Run({"webhooks", "ensure"}).exit_code, 0);
  EXPECT_EQ(Number(world.Stats()["pipedrive"], "writes"), writes);
}

TEST(Subscriptions, SurviveARestartWithoutDoubles) {
  World world(Subscribing());
  world.StartService();
  ASSERT_TRUE(AwaitCondition([&] { return List(world).size() == kWanted.size(); }));
  world.KillService();
  world.ResetStats();
  world.StartService();
  ASSERT_TRUE(AwaitCondition(
      [&] { return Number(world.Stats()["pipedrive"]["calls"], "GET /api/v1/webhooks") >= 1; }));
  EXPECT_EQ(List(world).size(), kWanted.size());
}

TEST(Subscriptions, WithoutAnAddressEnsureSaysWhatToSet) {
  World world({.persons = 20, .organizations = 5, .existing_contacts = 0});
  world.StartService();
  const CommandResult refused = world.Run({"webhooks", "ensure"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.output.find("connectors.pipedrive.webhook.public_url"), std::string::npos);
  EXPECT_TRUE(List(world).empty());
}

}  // namespace
}  // namespace connector::integration
