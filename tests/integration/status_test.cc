// How the service says how it is, and that its state can be copied while it works.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "integration/harness.h"
#include "integration/look.h"

namespace connector::integration {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

World::Options Small() {
  return {.persons = 60, .organizations = 5, .existing_contacts = 10, .clock_scale = 30};
}

TEST(StatusTest, PageAndTerminalSayTheSameOfAServiceThatIsWell) {
  World world(Small());
  world.StartService();
  ExpectSucceeded(world.Sync({"--full"}));

  const CommandResult text = world.Run({"status"});
  EXPECT_EQ(text.exit_code, 0) << text.output;
  EXPECT_THAT(text.output,
              AllOf(HasSubstr(": ready"), HasSubstr("pipedrive: ok"), HasSubstr("brevo: ok"),
                    HasSubstr("daily_tokens"), HasSubstr("persons")));
  const nlohmann::json told = world.Run({"status", "--json"}).Objects().at(0);
  const nlohmann::json page = HttpGet(world.admin_url() + "/status.json").Json();
  EXPECT_EQ(told["ready"], true);
  EXPECT_EQ(page["ready"], true);
  EXPECT_EQ(told["version"], page["version"]);
  const nlohmann::json& one = page["connections"][0];
  EXPECT_EQ(one["connection"], told["connections"][0]["connection"]);
  EXPECT_EQ(one["pipedrive"]["state"], "ok");
  EXPECT_EQ(one["queues"]["contacts"]["depth"], 0);
  EXPECT_EQ(one["runs"][0]["state"], "succeeded");
  EXPECT_GT(one["runs"][0]["read"], 50);
  EXPECT_EQ(one["runs"][0]["read"], Number(told["connections"][0]["runs"][0], "read"));
  EXPECT_EQ(told["connections"][0]["runs"][0]["run_id"], one["runs"][0]["id"]);
  // One sample at the start, and one every second of real time at this scale.
  EXPECT_TRUE(AwaitCondition([&] {
    const nlohmann::json history = HttpGet(world.admin_url() + "/status.json").Json()["history"];
    return history["times"].size() >= 2 &&
           history["series"]["default/pipedrive/daily_tokens"].size() == history["times"].size();
  }));
  EXPECT_EQ(world.Run({"status", "--connection", "nobody"}).exit_code, 1);
}

TEST(StatusTest, ARefusedKeyIsSaidEverywhere) {
  World world(Small());
  world.StartService();
  world.Fault({{"match", {{"api", "brevo"}}}, {"kind", "401"}, {"count", -1}});
  EXPECT_EQ(Progress(world.Sync({"--full"}))["state"], "RUN_STATE_FAILED");

  const CommandResult text = world.Run({"status"});
  EXPECT_EQ(text.exit_code, 1);
  EXPECT_THAT(text.output, AllOf(HasSubstr("not ready"), HasSubstr("brevo: credential refused"),
                                 HasSubstr("BREVO_API_KEY")));
  const nlohmann::json page = HttpGet(world.admin_url() + "/status.json").Json();
  EXPECT_EQ(page["ready"], false);
  EXPECT_EQ(page["connections"][0]["brevo"]["state"], "credential_refused");
  EXPECT_THAT(page["problems"][0].get<std::string>(), HasSubstr("default/brevo"));
}

TEST(BackupTest, ACopyOfARunningServiceStartsAnotherThatKnowsEverything) {
  World world(Small());
  world.StartService();
  const std::string run = Progress(world.Sync({"--full"}))["run_id"];
  const std::string copy = world.directory() + "/copy.db";
  const CommandResult made = world.Run({"backup", "--config", world.config_file(), "--to", copy});
  ASSERT_EQ(made.exit_code, 0) << made.output;
  EXPECT_EQ(world.Run({"backup", "--config", world.config_file(), "--to", copy}).exit_code, 1);

  world.KillService();
  for (const char* part : {"", "-wal", "-shm"}) {
    std::filesystem::remove(world.directory() + "/connector.db" + part);
  }
  std::filesystem::rename(copy, world.directory() + "/connector.db");
  world.StartService();
  EXPECT_THAT(world.Run({"runs", "list"}).output, HasSubstr(run));
  world.ResetStats();
  const nlohmann::json again = world.Sync({"--full"});
  ExpectSucceeded(again);
  EXPECT_EQ(Number(Progress(again), "created"), 0) << again;
  EXPECT_EQ(Number(Progress(again), "updated"), 0) << again;
}

}  // namespace
}  // namespace connector::integration
